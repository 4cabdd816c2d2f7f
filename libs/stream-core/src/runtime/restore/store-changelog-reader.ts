/**
 * Fills stores from their changelogs, all partitions at once over one fetcher, while other tasks go on processing.
 *
 *     restore(partition) ─▶ earliest … end offset ─▶ records to the store ─▶ position ≥ end ─▶ resolved
 *
 * The end is the log's end when the restore starts: nobody else writes to the partition while its task is here. Both
 * kinds of cleanup are read alike: from where the state ends or the earliest offset there is, across the holes that compaction leaves.
 */
import { StreamsError } from '../../errors.ts';
import type { FetcherOptions } from '../../kafka/fetcher-options.ts';
import type { Fetcher } from '../../kafka/fetcher.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { FetchedRecords, Logger, TopicPartition } from '../../kafka/types.ts';
import { FencedStorageError } from '../storage/state-backend.ts';
import type { StreamsCounters } from '../streams-metrics.ts';
import { eachRecord, type TakeRecord } from './raw-records.ts';
import type { RestoreListeners } from './restore-listeners.ts';
import { RestoreMeter, type RestoreProgress } from './restore-progress.ts';

/** One changelog partition to read. */
export interface ChangelogRestore extends TopicPartition {
  readonly store: string;
  readonly task: string;
  /** Puts a record into the store. */
  readonly take: TakeRecord;
  /** Where the state ends that the store has already; earlier records are not read. Default: the log's first offset. */
  readonly startOffset?: number | undefined;
  /** Read no further than this although the log goes on: a table's source topic is only state up to its committed offset. */
  readonly limitOffset?: number | undefined;
  /** Told up to where everything has been taken; what it gives is waited for. */
  readonly reached?: ((offset: number) => Promise<void> | undefined) | undefined;
}

/** The part of `Fetcher` that restores need. */
export type ChangelogFetcher = Pick<Fetcher, 'add' | 'remove' | 'poll' | 'waitForData' | 'close'>;

/** What a reader works with. */
export interface ChangelogReaderOptions {
  readonly client: Pick<KafkaClient, 'listOffsets'>;
  readonly createFetcher: (options: FetcherOptions) => ChangelogFetcher;
  readonly sliceMs: number;
  readonly counters: StreamsCounters;
  readonly listeners: RestoreListeners;
  readonly logger: Logger;
}

interface Restoring {
  readonly restore: ChangelogRestore;
  readonly end: number;
  readonly meter: RestoreMeter;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Aborted: its store may be closed and takes no further record. */
  readonly ended: AbortController;
}

/** Bytes on their way for restores; they are applied as fast as they come. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;
/** A restore is as fast as its round trips are few. */
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;
const IDLE_WAIT_MS = 500;

/** Restores stores; several tasks may ask at once. */
export class StoreChangelogReader {
  readonly #options: ChangelogReaderOptions;
  /** By partition: at most one of each changelog of this instance's tasks. */
  readonly #restoring = new Map<string, Restoring>();
  #fetcher: ChangelogFetcher | undefined;

  constructor(options: ChangelogReaderOptions) {
    this.#options = options;
  }

  get isRestoring(): boolean {
    return this.#restoring.size > 0;
  }

  /** Restores under way. */
  progress(): RestoreProgress[] {
    return [...this.#restoring.values()].map(({ meter }) => meter.progress());
  }

  /** Up to where a changelog has been restored; undefined for one that is not being restored. */
  position(partition: TopicPartition): number | undefined {
    return this.#restoring.get(keyOf(partition))?.meter.position;
  }

  /** Resolves when all of `restores` have reached their ends, to the offsets that their state ends at then; rejects with the first error, `FencedStorageError` among them, or with the signal's reason. */
  async restore(restores: readonly ChangelogRestore[], signal: AbortSignal): Promise<readonly number[]> {
    const { client } = this.#options;
    const [starts, ends] = await Promise.all([
      client.listOffsets(restores, 'earliest'),
      client.listOffsets(restores, 'latest'),
    ]);
    signal.throwIfAborted();
    const ranges = restores.map(({ startOffset = 0, limitOffset = Number.POSITIVE_INFINITY }, index) => ({
      start: Math.max(startOffset, starts[index]?.offset ?? 0),
      end: Math.min(ends[index]?.offset ?? 0, limitOffset),
    }));
    const running = restores.flatMap((restore, index) => {
      const { start, end } = ranges[index] ?? { start: 0, end: 0 };
      return start >= end ? [] : [this.#start(restore, start, end)];
    });
    const abort = (): void => {
      for (const restoring of running) if (this.#end(restoring)) restoring.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.all(running.map(({ done }) => done));
      return ranges.map(({ start, end }) => Math.max(start, end));
    } finally {
      signal.removeEventListener('abort', abort);
      for (const restoring of running) this.#end(restoring);
    }
  }

  #start(restore: ChangelogRestore, start: number, end: number): Restoring {
    const { topic, partition, store, task } = restore;
    const meter = new RestoreMeter({ topic, partition, store, task }, { start, end }, this.#options.logger);
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    const restoring = { restore, end, meter, done, resolve, reject, ended: new AbortController() };
    this.#restoring.set(keyOf(restore), restoring);
    this.#options.listeners.tell('started', () => meter.progress());
    const isFirst = this.#fetcher === undefined;
    this.#fetcher ??= this.#options.createFetcher({
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      maxPartitionBytes: MAX_PARTITION_BYTES,
      maxBufferedPartitionBytes: 2 * MAX_PARTITION_BYTES,
      maxResponseBytes: 2 * MAX_PARTITION_BYTES,
      onOutOfRange: 'earliest',
    });
    this.#fetcher.add([{ topic, partition, offset: start }]);
    if (isFirst) void this.#run(this.#fetcher);
    return restoring;
  }

  /** Takes a restore out of the work; false when it was not in it. A successor for the same partition stays. */
  #end(restoring: Restoring, how: 'finished' | 'abandoned' = 'abandoned'): boolean {
    const { restore, ended, meter } = restoring;
    if (this.#restoring.get(keyOf(restore)) !== restoring) return false;
    this.#restoring.delete(keyOf(restore));
    ended.abort();
    this.#fetcher?.remove([restore]);
    this.#options.listeners.tell(how, () => meter.progress());
    return true;
  }

  /** Lives as long as there is something to restore. */
  async #run(fetcher: ChangelogFetcher): Promise<void> {
    try {
      while (this.#restoring.size > 0) {
        // Whose they are is settled now: while one waits for a codec, the task of another may leave and come back.
        const polled = fetcher.poll().map((fetched) => ({ fetched, restoring: this.#restoring.get(keyOf(fetched)) }));
        for (const { fetched, restoring } of polled) if (restoring !== undefined) await this.#apply(fetched, restoring);
        if (this.#restoring.size > 0) await fetcher.waitForData(IDLE_WAIT_MS);
      }
    } catch (error) {
      for (const restoring of this.#restoring.values()) if (this.#end(restoring)) restoring.reject(error);
    }
    this.#fetcher = undefined;
    await fetcher.close();
  }

  async #apply(fetched: FetchedRecords, restoring: Restoring): Promise<void> {
    const { restore, end, meter } = restoring;
    if (restoring.ended.signal.aborted) return;
    try {
      const take: TakeRecord = (key, value, timestamp, offset) => {
        if (offset < end && !restoring.ended.signal.aborted) restore.take(key, value, timestamp, offset);
      };
      const { signal } = restoring.ended;
      const afterSlice = (nextOffset: number): Promise<void> | undefined =>
        signal.aborted ? undefined : restore.reached?.(Math.min(nextOffset, end));
      const count = await eachRecord(fetched, { sliceMs: this.#options.sliceMs, take, afterSlice, signal });
      this.#options.counters.restoredRecords += count;
      meter.advance(count, fetched.nextOffset);
      this.#options.listeners.tell('progress', () => meter.progress());
      await restore.reached?.(Math.min(fetched.nextOffset, end));
    } catch (error) {
      // Nothing is wrong with the store: the group says whose the task is.
      const isFenced = error instanceof FencedStorageError;
      if (this.#end(restoring)) restoring.reject(isFenced ? error : cannotRestore(restore, error));
      return;
    }
    if (fetched.nextOffset < end || !this.#end(restoring, 'finished')) return;
    meter.finish();
    this.#options.counters.restore.record(meter.elapsedMs);
    restoring.resolve();
  }
}

function cannotRestore({ store, task, topic, partition }: ChangelogRestore, cause: unknown): StreamsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StreamsError('STREAMS_STATE_STORE', `store "${store}" of task ${task} cannot be restored: ${why}`, {
    context: { store, task, topic, partition },
    cause,
  });
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

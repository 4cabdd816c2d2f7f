/**
 * Fills global tables: every partition of their topics, read whole before the first task runs and kept current after
 * that. It belongs to no group, so a rebalance does not concern it.
 */
import { StreamsError } from '../errors.ts';
import type { FetcherOptions } from '../kafka/fetcher-options.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import type { FetchedRecords, IsolationLevel, Logger } from '../kafka/types.ts';
import type { GlobalStores } from './global-stores.ts';
import { QueryError } from './query/query-error.ts';
import { TaskProgress } from './query/task-progress.ts';
import type { FailedRecord } from './task-handlers.ts';
import { eachRecord } from './restore/raw-records.ts';
import type { ChangelogFetcher } from './restore/store-changelog-reader.ts';

/** What a global thread works with. */
export interface GlobalThreadOptions {
  readonly client: Pick<KafkaClient, 'listOffsets'>;
  readonly createFetcher: (options: FetcherOptions) => ChangelogFetcher;
  /** Of the fetcher: what the tables begin with ends where it may read, not behind somebody's open transaction. */
  readonly isolation: IsolationLevel;
  readonly stores: Pick<GlobalStores, 'topics' | 'update' | 'close'>;
  /** Partitions of each global topic. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly sliceMs: number;
  /** A record that cannot be applied: true leaves it out, false ends the application. */
  readonly skipRecord: (failed: FailedRecord) => boolean;
  /** It could not go on; called once. */
  readonly onError: (error: unknown) => void;
  readonly logger: Logger;
}

const IDLE_WAIT_MS = 5_000;

/** Reads the topics of global tables, from `start` to `stop`. */
export class GlobalStreamThread {
  /** How far each global topic has been applied; questions with a bound wait here. */
  readonly progress = new TaskProgress();
  readonly #options: GlobalThreadOptions;
  readonly #fetcher: ChangelogFetcher;
  readonly #stopped = new AbortController();
  readonly #behind = new Map<string, number>();
  #onCaughtUp: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: GlobalThreadOptions) {
    this.#options = options;
    this.#fetcher = options.createFetcher({ onOutOfRange: 'earliest' });
  }

  /** Resolves when every table has everything that stood in its topic at the call; goes on reading after that. */
  async start(): Promise<void> {
    const { client, stores, partitions, isolation, logger } = this.#options;
    const all = stores.topics.flatMap((topic) =>
      Array.from({ length: partitions.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    );
    if (all.length === 0) return;
    const [starts, ends] = await Promise.all([
      client.listOffsets(all, 'earliest'),
      client.listOffsets(all, 'latest', isolation),
    ]);
    for (const { topic, partition, offset } of starts) this.progress.advance(topic, partition, offset);
    for (const [index, { topic, partition, offset }] of ends.entries()) {
      if (offset > (starts[index]?.offset ?? 0)) this.#behind.set(`${topic}/${partition}`, offset);
    }
    const bootstrapped =
      this.#behind.size === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            this.#onCaughtUp = resolve;
          });
    this.#fetcher.add(starts);
    this.#running = this.#run();
    const ended = this.#running.then(() => {
      throw new StreamsError('STREAMS_INVALID_STATE', 'the global tables were stopped before they were filled');
    });
    await Promise.race([bootstrapped, ended]);
    logger.info({ topics: stores.topics, partitions: all.length }, 'global tables are filled');
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.progress.close(new QueryError('NOT_RUNNING', 'the application is ending', { store: '' }));
    await this.#fetcher.close();
    await this.#running;
    this.#options.stores.close();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped.signal.aborted) {
        for (const fetched of this.#fetcher.poll()) await this.#apply(fetched);
        await this.#fetcher.waitForData(IDLE_WAIT_MS, this.#stopped.signal);
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#options.onError(error);
    }
  }

  async #apply(fetched: FetchedRecords): Promise<void> {
    const { stores, sliceMs, skipRecord } = this.#options;
    const { topic, partition } = fetched;
    await eachRecord(fetched, {
      sliceMs,
      take: (key, value, timestamp, offset) => stores.update(fetched, key, value, timestamp, offset),
      onUnreadable: (error, record) => {
        if (!skipRecord({ topic, partition, error, ...record })) throw error;
      },
      signal: this.#stopped.signal,
    });
    this.progress.advance(topic, partition, fetched.nextOffset);
    const end = this.#behind.get(`${topic}/${partition}`);
    if (end === undefined || fetched.nextOffset < end) return;
    this.#behind.delete(`${topic}/${partition}`);
    if (this.#behind.size === 0) this.#onCaughtUp();
  }
}

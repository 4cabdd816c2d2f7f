import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';
import type { FetchLeader } from './fetch-leader.ts';
import { FetchLoops } from './fetch-loops.ts';
import type { FetchAnswerPart, FetchLimits } from './fetch-loops.ts';
import { FetchPartition } from './fetch-partition.ts';
import { FetchPlacement, placeOf } from './fetch-placement.ts';
import type { FetcherOptions, FetchPosition } from './fetcher-options.ts';
import type { KafkaClient } from './kafka-client.ts';
import { PartitionMap } from './partition-map.ts';
import { listOffsets } from './partition-offsets.ts';
import type { FetchedRecords, IsolationLevel, PartitionStart, TopicPartition } from './types.ts';

export type { FetcherOptions, FetchPosition, OffsetResetPolicy } from './fetcher-options.ts';

const MIB = 1024 * 1024;

/** Reads partitions ahead of whoever polls: fetches go out when answers arrive, within byte budgets. Synchronous for its user: no promise per record or batch. */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #loops: FetchLoops;
  readonly #onOutOfRange: NonNullable<FetcherOptions['onOutOfRange']>;
  readonly #isolation: IsolationLevel;
  readonly #maxBufferedBytes: number;
  readonly #partitions = new PartitionMap<FetchPartition>();
  readonly #placement: FetchPlacement;
  /** Partitions with something to poll; who was polled goes to the end. */
  readonly #arrived = new Set<FetchPartition>();
  /** At most one per partition: it is not read on. */
  readonly #failures: Error[] = [];
  #waiters: (() => void)[] = [];
  #bufferedBytes = 0;
  readonly #closing = new AbortController();

  constructor(client: KafkaClient, options: FetcherOptions = {}) {
    this.#cluster = client.cluster;
    this.#isolation = options.isolation ?? 'read_uncommitted';
    this.#onOutOfRange = options.onOutOfRange ?? 'fail';
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 64 * MIB;
    const limits: FetchLimits = {
      isolationLevel: this.#isolation === 'read_committed' ? 1 : 0,
      maxWaitMs: options.maxWaitMs ?? 500,
      maxPartitionBytes: options.maxPartitionBytes ?? MIB,
      maxResponseBytes: options.maxResponseBytes ?? 8 * MIB,
      maxBufferedPartitionBytes: options.maxBufferedPartitionBytes ?? 2 * MIB,
    };
    this.#loops = new FetchLoops(client.cluster, limits, {
      mayFetch: () => this.#bufferedBytes < this.#maxBufferedBytes,
      answered: (leader, partition, part) => this.#answered(leader, partition, part),
      failed: (_leader, partitions, error) => this.#failed(partitions, error),
    });
    this.#placement = new FetchPlacement(client.cluster, this.#loops, this.#closing.signal, (partition, error) =>
      this.#fail(partition, error),
    );
  }

  /** Starts reading; a partition that is already read starts anew at the given offset. */
  add(partitions: readonly PartitionStart[]): void {
    const added = partitions.map((start) => {
      this.#drop(start);
      const partition = new FetchPartition(start);
      this.#partitions.set(start, partition);
      return partition;
    });
    this.#placement.place(added);
  }

  /** Stops reading; what was fetched and not polled is dropped, also what is on its way. Unknown partitions are ignored. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#drop(partition);
    this.#loops.wakeAll();
  }

  /** Keeps what has been fetched from being polled and fetches no more of these partitions. Unknown partitions are ignored. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) {
      const partition = this.#partitions.get(each);
      if (partition !== undefined) partition.paused = true;
    }
  }

  /** The opposite of `pause`. */
  resume(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) {
      const partition = this.#partitions.get(each);
      if (partition === undefined) continue;
      partition.paused = false;
      this.#placement.wake(partition);
    }
    this.#wakeWaiters();
  }

  /** Continues at another offset; what was fetched is dropped, a pause stays. Throws `StreamsError` for a partition that is not read. */
  seek(partition: TopicPartition, offset: number): void {
    const present = this.#partitions.get(partition);
    if (present === undefined) {
      throw new StreamsError(
        'STREAMS_INVALID_STATE',
        `seek in ${partition.topic}-${partition.partition}, which is not read`,
        {
          context: { topic: partition.topic, partition: partition.partition, offset },
        },
      );
    }
    this.add([{ topic: partition.topic, partition: partition.partition, offset }]);
    if (present.paused) this.pause([partition]);
  }

  /** Undefined for a partition that is not read. */
  position(partition: TopicPartition): FetchPosition | undefined {
    const present = this.#partitions.get(partition);
    if (present === undefined) return undefined;
    const { position, highWatermark, lastStableOffset } = present;
    const end = this.#isolation === 'read_committed' ? lastStableOffset : highWatermark;
    return { offset: position, highWatermark, lastStableOffset, end };
  }

  /** Bytes that have arrived and were not polled. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * Takes what has arrived, per partition in offset order and in turns, until `maxBytes` is reached. Throws a partition's
   * error once when it cannot be read on: `BrokerError`, or `CorruptBatchError`; the others go on with the next call.
   */
  poll(maxBytes = Number.POSITIVE_INFINITY): FetchedRecords[] {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    const taken: FetchedRecords[] = [];
    const wasFull = this.#bufferedBytes >= this.#maxBufferedBytes;
    let bytes = 0;
    for (const partition of this.#arrived) {
      if (bytes >= maxBytes) break;
      if (partition.paused) continue;
      const records = partition.take();
      this.#arrived.delete(partition);
      if (records === undefined) continue;
      taken.push(records);
      bytes += records.records.length;
      // A Set's iteration reaches what is added to it meanwhile.
      if (partition.hasArrived) this.#arrived.add(partition);
      this.#placement.wake(partition);
    }
    this.#bufferedBytes -= bytes;
    if (wasFull) this.#loops.wakeAll();
    return taken;
  }

  /** Resolves to true as soon as `poll` has something to return or to throw, to false after `timeoutMs`, on abort, on `close`, and when the end of a partition has become known that has nothing to read. Never rejects. */
  waitForData(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#hasSomething()) return Promise.resolve(true);
    if (this.#closing.signal.aborted || signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        const at = this.#waiters.indexOf(done);
        if (at >= 0) this.#waiters.splice(at, 1);
        resolve(this.#hasSomething());
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done, { once: true });
      this.#waiters.push(done);
    });
  }

  /** Stops fetching, closes the sockets and drops what was not polled. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const partition of this.#partitions.values()) partition.gone = true;
    this.#partitions.clear();
    this.#placement.clear();
    this.#arrived.clear();
    this.#failures.length = 0;
    this.#bufferedBytes = 0;
    this.#wakeWaiters();
    await this.#loops.close();
  }

  #hasSomething(): boolean {
    if (this.#failures.length > 0) return true;
    for (const partition of this.#arrived) if (!partition.paused) return true;
    return false;
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return;
    for (const wake of this.#waiters.slice()) wake();
  }

  #drop(where: TopicPartition): void {
    const partition = this.#partitions.get(where);
    if (partition === undefined) return;
    partition.gone = true;
    this.#partitions.delete(where);
    this.#placement.remove(partition);
    this.#arrived.delete(partition);
    this.#bufferedBytes -= partition.bufferedBytes;
  }

  #answered(leader: FetchLeader, partition: FetchPartition, part: FetchAnswerPart): void {
    const { errorCode } = part;
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#placement.remove(partition);
      void this.#reset(partition);
    } else if (errorCode !== 0) {
      this.#failed([partition], brokerError(errorCode, 'fetch', placeOf(partition)));
    } else this.#accept(leader, partition, part);
  }

  #accept(leader: FetchLeader, partition: FetchPartition, part: FetchAnswerPart): void {
    this.#placement.noteAnswered(partition);
    try {
      const isFirst = partition.highWatermark < 0;
      const bytes = partition.accept(part);
      if (bytes === 0) {
        if (isFirst) this.#wakeWaiters();
        return;
      }
      this.#bufferedBytes += bytes;
      leader.moveToEnd(partition);
      this.#arrived.add(partition);
      if (!partition.paused) this.#wakeWaiters();
    } catch (error) {
      this.#fail(partition, error);
    }
  }

  /** What may pass is tried again at whoever leads the partition then; what will not is handed to `poll`. */
  #failed(partitions: readonly FetchPartition[], error: unknown): void {
    const left = partitions.filter(({ gone }) => !gone);
    if (!(error instanceof BrokerError) || !error.retriable) {
      for (const partition of left) this.#fail(partition, error);
      return;
    }
    this.#placement.replace(left, error);
  }

  #fail(partition: FetchPartition, error: unknown): void {
    this.#placement.remove(partition);
    this.#failures.push(error instanceof Error ? error : new Error(String(error)));
    this.#wakeWaiters();
  }

  /** Never rejects. */
  async #reset(partition: FetchPartition): Promise<void> {
    const { topic, partition: number, fetchOffset: offset } = partition;
    try {
      const policy =
        typeof this.#onOutOfRange === 'function'
          ? this.#onOutOfRange({ topic, partition: number, offset })
          : this.#onOutOfRange;
      if (policy === 'fail') {
        throw brokerError(ErrorCode.OFFSET_OUT_OF_RANGE, `fetch at offset ${offset}`, placeOf(partition));
      }
      const [found] = await listOffsets(this.#cluster, [{ topic, partition: number }], policy, this.#isolation);
      if (partition.gone || found === undefined) return;
      this.#cluster.logger.warn(
        { topic, partition: number, from: offset, to: found.offset, policy },
        'position was out of range',
      );
      partition.fetchOffset = found.offset;
      this.#placement.place([partition]);
    } catch (error) {
      if (!partition.gone) this.#failed([partition], error);
    }
  }
}

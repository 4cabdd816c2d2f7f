import { StreamsError } from '../errors.ts';
import { tellError } from './error-callback.ts';
import { Fetcher } from './fetcher.ts';
import type { KafkaClient } from './kafka-client.ts';
import { TailDecoder } from './tail-decoder.ts';
import type { TailReaderOptions } from './tail-types.ts';
import { unknownTopic } from './topic-admin.ts';
import type { FetchedRecords } from './types.ts';

const POLL_BYTES = 1024 * 1024;
/** While it is not caught up: how soon a jump over deleted records is noticed. */
const GOAL_CHECK_MS = 250;
const IDLE_WAIT_MS = 60_000;

/** Reads all partitions of a topic without a group, keeps reading, and survives broker restarts. */
export class TailReader<K, V> {
  readonly #client: KafkaClient;
  readonly #options: TailReaderOptions<K, V>;
  readonly #fetcher: Fetcher;
  readonly #decoder: TailDecoder<K, V>;
  /** Where each partition ended at the start; those that are not reached yet. */
  readonly #goals = new Map<number, number>();
  readonly #positions = new Map<number, number>();
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #pumping: Promise<void> | undefined;

  constructor(client: KafkaClient, options: TailReaderOptions<K, V>) {
    this.#client = client;
    this.#options = options;
    this.#decoder = new TailDecoder(options);
    this.#fetcher = new Fetcher(client, {
      isolation: options.isolation ?? 'read_committed',
      onOutOfRange: 'earliest',
      ...(options.maxWaitMs === undefined ? {} : { maxWaitMs: options.maxWaitMs }),
    });
    // Whoever does not ask for it must not be punished for it.
    this.#caughtUp.promise.catch(() => undefined);
  }

  /** Resolves once everything that lay in the topic when `start` was called has been handed over. Rejects when the reader stops before. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** Resolves when the positions are known and reading has begun. Rejects with `BrokerError` when the topic does not exist. */
  async start(): Promise<void> {
    if (this.#pumping !== undefined) throw new StreamsError('STREAMS_INVALID_STATE', 'a TailReader is started once');
    const { topic, from, isolation = 'read_committed' } = this.#options;
    await this.#decoder.ready;
    const counts = await this.#client.partitionsOf([topic.name]);
    const count = counts.get(topic.name);
    if (count === undefined) throw unknownTopic(topic.name);
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic: topic.name, partition }));
    const ends = await this.#client.listOffsets(partitions, 'latest', isolation);
    const starts = from === 'latest' ? ends : await this.#client.listOffsets(partitions, 'earliest', isolation);
    for (const [at, { partition, offset }] of starts.entries()) {
      const end = ends[at]?.offset ?? offset;
      this.#positions.set(partition, offset);
      if (offset < end) this.#goals.set(partition, end);
    }
    if (this.#closing.signal.aborted) return;
    this.#fetcher.add(starts);
    this.#pumping = this.#pump();
  }

  /** The offset after the last record handed over; undefined before `start`. */
  position(partition: number): number | undefined {
    return this.#positions.get(partition);
  }

  /** Stops reading; no callback is called after it has resolved. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#caughtUp.reject(new StreamsError('STREAMS_INVALID_STATE', 'the reader was closed before it had caught up'));
    await this.#fetcher.close();
    await this.#pumping;
  }

  /** Never rejects. */
  async #pump(): Promise<void> {
    try {
      while (!this.#closing.signal.aborted) {
        this.#checkGoals();
        const timeoutMs = this.#goals.size > 0 ? GOAL_CHECK_MS : IDLE_WAIT_MS;
        if (!(await this.#fetcher.waitForData(timeoutMs, this.#closing.signal))) continue;
        for (const records of this.#fetcher.poll(POLL_BYTES)) await this.#hand(records);
        // Lets timers and other sockets have their turn while there is much to read.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#closing.abort();
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#caughtUp.reject(failure);
      await this.#fetcher.close();
      tellError(this.#options.onError, failure, this.#client.cluster.logger);
    }
  }

  async #hand(records: FetchedRecords): Promise<void> {
    const { partition, nextOffset } = records;
    let from = records.offset;
    for (;;) {
      if (this.#closing.signal.aborted) return;
      const pending = this.#decoder.read(records, from, (next) => {
        from = next;
        this.#positions.set(partition, next);
      });
      if (pending === undefined) break;
      await this.#decoder.wait(pending, this.#closing.signal);
    }
    this.#positions.set(partition, nextOffset);
  }

  #checkGoals(): void {
    if (this.#goals.size > 0) {
      for (const [partition, end] of this.#goals) {
        const position = this.#fetcher.position({ topic: this.#options.topic.name, partition });
        if (position !== undefined && position.offset >= end) this.#goals.delete(partition);
      }
    }
    if (this.#goals.size === 0) this.#caughtUp.resolve();
  }
}

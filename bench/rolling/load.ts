import { setTimeout } from 'node:timers/promises';
import { serdes } from '@playhead/stream-core';
import { type KafkaClient, partitionOfKey, RecordProducer, TailReader } from '@playhead/stream-core/client';

/** Records leave in portions this far apart. */
const PORTION_MS = 10;
const KEYS = 100_000;

/** Writes records at a fixed rate until it is stopped. */
export class SteadyLoad {
  sent = 0;
  readonly #producer: RecordProducer;
  readonly #topic: string;
  readonly #partitions: number;
  readonly #rate: number;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(client: KafkaClient, topic: string, partitions: number, rate: number) {
    this.#producer = new RecordProducer(client, { lingerMs: 1 });
    this.#topic = topic;
    this.#partitions = partitions;
    this.#rate = rate;
    this.#running = this.#run();
  }

  /** Resolves when Kafka has everything. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#producer.close();
  }

  async #run(): Promise<void> {
    const started = performance.now();
    const unacknowledged = new Set<Promise<unknown>>();
    while (!this.#stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - started) * this.#rate) / 1_000);
      for (; this.sent < due; this.sent++) {
        const key = Buffer.from(`t1/acc-${this.sent % KEYS}`);
        const partition = partitionOfKey(key, this.#partitions);
        const value = Buffer.from(String(this.sent));
        const written = this.#producer.send({ topic: this.#topic, partition, key, value, timestamp: Date.now() });
        unacknowledged.add(written);
        void written.then(() => unacknowledged.delete(written));
      }
      await setTimeout(PORTION_MS);
    }
    await Promise.all(unacknowledged);
  }
}

/** Reads the output and keeps the longest times without any. */
export class OutputGaps {
  received = 0;
  /** Between two records of the same partition. */
  longestOfAPartitionMs = 0;
  /** Between two records of any partition. */
  longestMs = 0;
  /** Between a record's input being written and its output being read. */
  longestDelayMs = 0;
  readonly #reader: TailReader<Uint8Array, Uint8Array>;
  readonly #lastMs: number[] = [];
  #lastOfAllMs = 0;

  constructor(client: KafkaClient, topic: string) {
    this.#reader = new TailReader(client, {
      topic: { name: topic, key: serdes.bytes, value: serdes.bytes },
      from: 'earliest',
      isolation: 'read_uncommitted',
      maxWaitMs: 50,
      onRecord: ({ partition, timestamp }) => this.#take(partition, timestamp),
      onError: (error) => {
        throw error;
      },
    });
  }

  start(): Promise<void> {
    return this.#reader.start();
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  /** Forgets what was before. */
  reset(): void {
    this.longestOfAPartitionMs = this.longestMs = this.longestDelayMs = 0;
  }

  #take(partition: number, timestamp: number): void {
    const now = performance.now();
    const last = this.#lastMs[partition];
    if (last !== undefined) this.longestOfAPartitionMs = Math.max(this.longestOfAPartitionMs, now - last);
    if (this.received > 0) this.longestMs = Math.max(this.longestMs, now - this.#lastOfAllMs);
    this.longestDelayMs = Math.max(this.longestDelayMs, Date.now() - timestamp);
    this.#lastMs[partition] = this.#lastOfAllMs = now;
    this.received++;
  }
}

import { TopologyError } from '../errors.ts';
import type { Headers } from '../processor/headers.ts';
import type { OutputOrigin, RecordCollector } from '../processor/record-collector.ts';

/** The part of `BatchProducer` that takes records. */
export interface RecordAppender {
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
    origin?: OutputOrigin,
  ): boolean;
}

/** Hands what tasks produce to the producer. Its `full` is how back-pressure reaches the loop: no record is processed until the producer has room. */
export class KafkaRecordCollector implements RecordCollector {
  /** True: wait for the producer before the next record. */
  full = false;
  readonly #producer: RecordAppender;
  readonly #partitions: ReadonlyMap<string, number>;
  readonly #keepsSources: boolean;

  /** `partitions`: of every topic that may be written, as of start-up. `keepsSources`: dead letters may be written in place of output. */
  constructor(producer: RecordAppender, partitions: ReadonlyMap<string, number>, keepsSources: boolean) {
    this.#producer = producer;
    this.#partitions = partitions;
    this.#keepsSources = keepsSources;
  }

  keepingSources(source: () => OutputOrigin | undefined): RecordCollector {
    if (!this.#keepsSources) return this;
    return {
      partitionCount: (topic) => this.partitionCount(topic),
      send: (topic, partition, timestamp, key, value, headers) =>
        this.#append(topic, partition, timestamp, key, value, headers, source()),
    };
  }

  partitionCount(topic: string): number {
    return partitionCountOf(this.#partitions, topic);
  }

  send(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
    origin?: OutputOrigin,
  ): void {
    this.#append(topic, partition, timestamp, key, value, headers, origin);
  }

  #append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
    origin: OutputOrigin | undefined,
  ): void {
    const time = timestamp === -1 ? Date.now() : timestamp;
    if (!this.#producer.append(topic, partition, time, key, value, headers, origin)) this.full = true;
  }
}

/** Of a topic that existed at start-up; throws `TopologyError` for another one. */
export function partitionCountOf(partitions: ReadonlyMap<string, number>, topic: string): number {
  const count = partitions.get(topic);
  if (count === undefined) {
    throw new TopologyError(`topic "${topic}" did not exist when the application was started`, { context: { topic } });
  }
  return count;
}

import { TopologyError } from '../errors.ts';
import type { Headers } from '../processor/headers.ts';
import type { RecordCollector } from '../processor/record-collector.ts';

/** The part of `BatchProducer` that takes records. */
export interface RecordAppender {
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
  ): boolean;
}

/** Hands what tasks produce to the producer. Its `full` is how back-pressure reaches the loop: no record is processed until the producer has room. */
export class KafkaRecordCollector implements RecordCollector {
  /** True: wait for the producer before the next record. */
  full = false;
  readonly #producer: RecordAppender;
  readonly #partitions: ReadonlyMap<string, number>;

  /** `partitions`: of every topic that may be written, as of start-up. */
  constructor(producer: RecordAppender, partitions: ReadonlyMap<string, number>) {
    this.#producer = producer;
    this.#partitions = partitions;
  }

  partitionCount(topic: string): number {
    const count = this.#partitions.get(topic);
    if (count === undefined) {
      throw new TopologyError(`topic "${topic}" did not exist when the application was started`, {
        context: { topic },
      });
    }
    return count;
  }

  send(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
  ): void {
    const time = timestamp === -1 ? Date.now() : timestamp;
    if (!this.#producer.append(topic, partition, time, key, value, headers)) this.full = true;
  }
}

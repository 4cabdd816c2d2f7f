import type { TopicPartition } from '../kafka/types.ts';
import type { Headers } from '../processor/headers.ts';
import type { RecordCollector } from '../processor/record-collector.ts';
import type { DriverLog } from './driver-log.ts';
import { PagedRecord } from './paged-record.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The producer of one task: keeps what was sent until the brokers have it. Order holds within a partition, as with an idempotent producer, and not between partitions. */
export class TaskProducer implements RecordCollector {
  readonly #log: DriverLog;
  /** The first `#sent` are on their way; what stands behind them has arrived. Emptying the array would have it made anew for the next record. */
  #inFlight: PagedRecord[] = [];
  #sent = 0;

  constructor(log: DriverLog) {
    this.#log = log;
  }

  partitionCount(topic: string): number {
    return this.#log.partitionCount(topic);
  }

  send(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
  ): void {
    this.#inFlight[this.#sent++] = new PagedRecord(topic, partition, timestamp, key, value, headers);
  }

  /** Partitions that something is on its way to, in the order of sending. */
  get destinations(): TopicPartition[] {
    const found: TopicPartition[] = [];
    for (const record of this.#onTheirWay) if (!found.some((place) => isSame(place, record))) found.push(record);
    return found;
  }

  /** Gives the brokers everything, in the order of sending; with `random` one partition after the other, in any order. */
  flush(random?: SeededRandom): void {
    if (random !== undefined) {
      const places = this.destinations;
      while (places.length > 0)
        this.deliver(places.splice(random.below(places.length), 1)[0] as TopicPartition, Infinity);
    }
    for (let at = 0; at < this.#sent; at++) this.#log.append(this.#inFlight[at] as PagedRecord);
    this.#sent = 0;
  }

  /** Gives the brokers the first `count` records on their way to a partition. */
  deliver(place: TopicPartition, count: number): void {
    let left = count;
    this.#inFlight = this.#onTheirWay.filter((record) => {
      if (left === 0 || !isSame(record, place)) return true;
      left--;
      this.#log.append(record);
      return false;
    });
    this.#sent = this.#inFlight.length;
  }

  /** The task stands still: of what is on its way to each partition the brokers get the first records, `survivors(n)` of n. */
  freeze(survivors: (sent: number) => number): void {
    for (const place of this.destinations) {
      this.deliver(place, survivors(this.#onTheirWay.filter((record) => isSame(record, place)).length));
    }
  }

  /** The brokers get nothing of what is on its way. */
  discard(): void {
    this.#sent = 0;
  }

  get #onTheirWay(): PagedRecord[] {
    return this.#inFlight.slice(0, this.#sent);
  }
}

const isSame = (a: TopicPartition, b: TopicPartition): boolean => a.topic === b.topic && a.partition === b.partition;

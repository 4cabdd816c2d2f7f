import type { TopicPartition } from '../kafka/types.ts';
import type { Headers } from '../processor/headers.ts';
import type { RecordCollector } from '../processor/record-collector.ts';
import { PagedRecord } from './paged-record.ts';
import type { ProducedRecord } from './paged-record.ts';

/** What the brokers of a driver have: everything that was written, in order, changelogs and repartition topics included. */
export class DriverLog implements RecordCollector {
  readonly records: PagedRecord[] = [];
  readonly #partitionsOf: (topic: string) => number;
  /** Tables' source topics, which serve as changelogs, by `<topic>-<partition>`. */
  readonly #sources = new Map<string, PagedRecord[]>();
  readonly #sourceChangelogs: ReadonlySet<string>;

  constructor(partitionsOf: (topic: string) => number, sourceChangelogs: ReadonlySet<string> = new Set()) {
    this.#partitionsOf = partitionsOf;
    this.#sourceChangelogs = sourceChangelogs;
  }

  partitionCount(topic: string): number {
    return this.#partitionsOf(topic);
  }

  send(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
  ): void {
    this.append(new PagedRecord(topic, partition, timestamp, key, value, headers));
  }

  append(record: PagedRecord): void {
    this.records.push(record);
  }

  /** Takes note of a record that a source reads; to be called in offset order. */
  keepSource(record: PagedRecord): void {
    if (!this.#sourceChangelogs.has(record.topic)) return;
    const place = `${record.topic}-${record.partition}`;
    const kept = this.#sources.get(place);
    if (kept === undefined) this.#sources.set(place, [record]);
    else kept.push(record);
  }

  /** The records of a changelog partition that the application writes. */
  changelog({ topic, partition }: TopicPartition): ProducedRecord[] {
    return this.records.filter((record) => record.topic === topic && record.partition === partition);
  }

  /** The records of a table's source partition up to an offset, exclusive. */
  source({ topic, partition }: TopicPartition, limitOffset: number): readonly ProducedRecord[] {
    return (this.#sources.get(`${topic}-${partition}`) ?? []).slice(0, limitOffset);
  }
}

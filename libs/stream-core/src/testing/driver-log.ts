import { RecordBatchWriter } from '@playhead/kafka-protocol';
import type { FetchedRecords, TopicPartition } from '../kafka/types.ts';
import type { Headers } from '../processor/headers.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import type { RecordCollector } from '../processor/record-collector.ts';

/** A record as the topology wrote it, in bytes. */
export interface ProducedRecord extends TopicPartition {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** A record of its own: nothing else changes its bytes. */
export function producedRecord(
  { topic, partition }: TopicPartition,
  timestamp: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Headers = NO_HEADERS,
): ProducedRecord {
  return {
    topic,
    partition,
    timestamp,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers,
  };
}

/** What the brokers of a driver have: everything that was written, in order, changelogs and repartition topics included. */
export class DriverLog implements RecordCollector {
  readonly records: ProducedRecord[] = [];
  readonly #partitionsOf: (topic: string) => number;
  /** Tables' source topics, which serve as changelogs, by `<topic>-<partition>`. */
  readonly #sources = new Map<string, ProducedRecord[]>();
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
    this.append(producedRecord({ topic, partition }, timestamp, key, value, headers));
  }

  append(record: ProducedRecord): void {
    this.records.push(record);
  }

  /** Takes note of a record that a source reads; to be called in offset order. */
  keepSource(record: ProducedRecord): void {
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

const writer = new RecordBatchWriter(256);

/** A record as a fetch would bring it: the batch of one, so that the driver reads what the runtime reads. */
export function fetchOf(record: ProducedRecord, offset: number): FetchedRecords {
  writer.reset();
  writer.append(record.timestamp, record.key, record.value, record.headers);
  return {
    topic: record.topic,
    partition: record.partition,
    offset,
    nextOffset: offset + 1,
    records: Buffer.from(writer.seal({ baseOffset: offset })),
    highWatermark: offset + 1,
    lastStableOffset: offset + 1,
    logStartOffset: 0,
    abortedTransactions: [],
  };
}

import { RecordBatchWriter } from '@playhead/kafka-protocol';
import type { FetchedRecords } from '../kafka/types.ts';
import type { Headers } from '../processor/headers.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import type { RecordCollector } from '../processor/record-collector.ts';

/** A record as the topology wrote it, in bytes. */
export interface ProducedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** Everything the tasks wrote, in order, changelogs and repartition topics included. */
export class DriverLog implements RecordCollector {
  readonly records: ProducedRecord[] = [];
  readonly #partitionsOf: (topic: string) => number;

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf;
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
    headers: Headers = NO_HEADERS,
  ): void {
    const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
    this.records.push({ topic, partition, timestamp, key: copy(key), value: copy(value), headers });
  }
}

/** A record as a fetch would bring it: the batch of one, so that the driver reads what the runtime reads. */
export function fetchOf(record: ProducedRecord, offset: number): FetchedRecords {
  const writer = new RecordBatchWriter(256);
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

import { ControlType, errorName, fetchApi, listOffsetsApi, RecordCursor } from '@playhead/kafka-protocol';
import type { BrokerConnection } from './broker-connection.ts';

/** A record as a reader with read_committed sees it. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** What a partition holds. */
export interface PartitionContent {
  readonly records: readonly LogRecord[];
  /** Transactions that were aborted, each once: producer and epoch. */
  readonly aborted: ReadonlySet<string>;
}

const NO_RECORDS = Buffer.alloc(0);

/** The offset after the last record that a reader with read_committed gets. */
export async function endOffset(connection: BrokerConnection, topic: string, partition: number): Promise<number> {
  const { topics } = await connection.send(listOffsetsApi, 5, {
    isolationLevel: 1,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
  });
  const answer = topics[0]?.partitions[0];
  if (answer === undefined || answer.errorCode !== 0) throw refused('end', topic, partition, answer?.errorCode ?? -1);
  return answer.offset;
}

/** Everything that is committed, from `from` to the end as it is now. Checks every batch's CRC. */
export async function readPartition(
  connection: BrokerConnection,
  topic: string,
  partition: number,
  from = 0,
): Promise<PartitionContent> {
  const end = await endOffset(connection, topic, partition);
  const records: LogRecord[] = [];
  const aborted = new Set<string>();
  const cursor = new RecordCursor();
  for (let next = from; next < end;) {
    const answer = await fetchOnce(connection, topic, partition, next);
    const transactions = (answer.abortedTransactions ?? []).toSorted((a, b) => a.firstOffset - b.firstOffset);
    const open = new Set<number>();
    const before = next;
    cursor.reset(answer.records ?? NO_RECORDS);
    while (cursor.nextBatch()) {
      if (!cursor.crcValid()) throw new Error(`${topic}-${partition}: a batch at ${cursor.baseOffset} has a wrong CRC`);
      next = Math.max(next, cursor.lastOffset + 1);
      while (transactions[0] !== undefined && transactions[0].firstOffset <= cursor.lastOffset)
        open.add((transactions.shift() as { producerId: number }).producerId);
      if (cursor.isControl) {
        if (cursor.next() && cursor.controlType() === ControlType.ABORT) {
          open.delete(cursor.producerId);
          aborted.add(`${cursor.producerId}/${cursor.producerEpoch}`);
        }
      } else if (!cursor.isTransactional || !open.has(cursor.producerId)) {
        take(cursor, partition, before, end, records);
      }
    }
    if (next === before) throw new Error(`${topic}-${partition}: nothing at ${before}, and the end is ${end}`);
  }
  return { records, aborted };
}

function take(cursor: RecordCursor, partition: number, from: number, end: number, records: LogRecord[]): void {
  while (cursor.next()) {
    if (cursor.offset < from || cursor.offset >= end) continue;
    const { bytes, keyStart, keyEnd, valueStart, valueEnd, offset, timestamp } = cursor;
    const key = Buffer.from(bytes.subarray(Math.max(0, keyStart), Math.max(0, keyEnd)));
    const value = valueStart < 0 ? null : Buffer.from(bytes.subarray(valueStart, valueEnd));
    records.push({ partition, offset, timestamp, key, value });
  }
}

async function fetchOnce(connection: BrokerConnection, topic: string, partition: number, fetchOffset: number) {
  const { responses } = await connection.send(fetchApi, 11, {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 8 * 1024 * 1024,
    isolationLevel: 1,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 4 * 1024 * 1024 }] }],
  });
  const answer = responses[0]?.partitions[0];
  if (answer === undefined || answer.errorCode !== 0) throw refused('fetch', topic, partition, answer?.errorCode ?? -1);
  return answer;
}

const refused = (what: string, topic: string, partition: number, code: number): Error =>
  new Error(`${what} of ${topic}-${partition}: ${errorName(code)}`);

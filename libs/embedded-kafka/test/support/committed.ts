import { RecordCursor } from '@playhead/kafka-protocol';
import type { AbortedTransaction } from '../../src/storage/aborted-transactions.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';

/** What a consumer of committed records makes of fetched batches: neither markers nor what the broker names as aborted. Values with their offsets. */
export function committedIn(records: Buffer, aborted: readonly AbortedTransactionStart[], from = 0): string[] {
  const waiting = [...aborted];
  const aborting = new Set<number>();
  const found: string[] = [];
  const cursor = new RecordCursor().reset(records);
  while (cursor.nextBatch()) {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= cursor.lastOffset)
      aborting.add((waiting.shift() as AbortedTransactionStart).producerId);
    if (cursor.isControl && cursor.next() && cursor.controlType() === 0) aborting.delete(cursor.producerId);
    if (cursor.isControl || (cursor.isTransactional && aborting.has(cursor.producerId))) continue;
    while (cursor.next()) {
      if (cursor.offset < from) continue;
      found.push(`${cursor.offset}:${cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd)}`);
    }
  }
  return found;
}

type AbortedTransactionStart = Pick<AbortedTransaction, 'producerId' | 'firstOffset'>;

/** The committed records of a log from an offset on, read in pieces of about `maxBytes` as a consumer would. */
export function readCommitted(log: PartitionLog, from: number = log.logStartOffset, maxBytes = 200): string[] {
  const found: string[] = [];
  const upTo = log.lastStableOffset;
  for (let offset = from; offset < upTo;) {
    const { errorCode, records, endOffset } = log.read(offset, maxBytes, true, upTo);
    if (errorCode !== 0 || records.length === 0)
      throw new Error(`nothing at offset ${offset} of ${upTo}: error ${errorCode}`);
    found.push(...committedIn(records, log.abortedWithin(offset, endOffset), offset));
    offset = endOffset;
  }
  return found;
}

/** Walks fetched batches record by record, for readers that need no queue: restoring stores, filling global tables. */
import { setImmediate } from 'node:timers/promises';
import { RecordCursor } from '@playhead/kafka-protocol';
import type { FetchedRecords } from '../../kafka/types.ts';
import { PendingCodecError } from '../../serde/serde.ts';

/** Takes a record. The bytes are valid during the call only. A `PendingCodecError` that it throws is waited for, then it is called again. */
export type TakeRecord = (key: Uint8Array | null, value: Uint8Array | null, timestamp: number, offset: number) => void;

/** Decides about a record that `take` refused, or whose codec could not be loaded: returns to leave it out, throws to end. */
export type OnUnreadable = (error: unknown, offset: number) => void;

const throwIt: OnUnreadable = (error) => {
  throw error;
};

/** The event loop is looked at after so many records. */
const RECORDS_PER_CHECK = 128;

/**
 * Gives each data record of `fetched` from its offset on, in order, and gives the event loop back every `sliceMs`.
 * Returns the number of records. Rejects with `CorruptBatchError` and with what `onUnreadable` throws: by default
 * whatever `take` threw.
 */
export async function eachRecord(
  fetched: FetchedRecords,
  sliceMs: number,
  take: TakeRecord,
  onUnreadable: OnUnreadable = throwIt,
): Promise<number> {
  const cursor = new RecordCursor().reset(fetched.records);
  let count = 0;
  let sliceEnd = performance.now() + sliceMs;
  while (cursor.nextBatch()) {
    if (cursor.isControl || cursor.lastOffset < fetched.offset) continue;
    while (cursor.next()) {
      if (cursor.offset < fetched.offset) continue;
      const pending = takeCurrent(cursor, take, onUnreadable);
      if (pending !== undefined) await takeWhenReady(cursor, take, onUnreadable, pending);
      count++;
      if (count % RECORDS_PER_CHECK === 0 && performance.now() >= sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + sliceMs;
      }
    }
  }
  return count;
}

/** Returns the promise to wait for when the record cannot be read yet. */
function takeCurrent(cursor: RecordCursor, take: TakeRecord, onUnreadable: OnUnreadable): Promise<void> | undefined {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
  const key = keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd);
  const value = valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd);
  try {
    take(key, value, cursor.timestamp, cursor.offset);
    return undefined;
  } catch (error) {
    if (error instanceof PendingCodecError) return error.ready;
    onUnreadable(error, cursor.offset);
    return undefined;
  }
}

async function takeWhenReady(
  cursor: RecordCursor,
  take: TakeRecord,
  onUnreadable: OnUnreadable,
  pending: Promise<void>,
): Promise<void> {
  for (let ready: Promise<void> | undefined = pending; ready !== undefined;) {
    try {
      await ready;
    } catch (error) {
      onUnreadable(error, cursor.offset);
      return;
    }
    ready = takeCurrent(cursor, take, onUnreadable);
  }
}

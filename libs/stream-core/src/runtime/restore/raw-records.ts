/** Walks fetched batches record by record, for readers that need no queue: restoring stores, filling global tables. */
import { setImmediate } from 'node:timers/promises';
import { RecordCursor } from '@playhead/kafka-protocol';
import { SerdeError } from '../../errors.ts';
import { AbortFilter } from '../../kafka/abort-filter.ts';
import { backoffMs, pause } from '../../kafka/retry.ts';
import type { FetchedRecords } from '../../kafka/types.ts';
import type { Headers } from '../../processor/headers.ts';
import { PendingCodecError } from '../../serde/serde.ts';
import { readHeaders } from '../../kafka/read-headers.ts';

/** Takes a record. The bytes are valid during the call only. A `PendingCodecError` that it throws is waited for, then it is called again. */
export type TakeRecord = (key: Uint8Array | null, value: Uint8Array | null, timestamp: number, offset: number) => void;

/** Decides about a record that `take` refused, or whose codec could not be loaded: returns to leave it out, throws to end. */
export type OnUnreadable = (error: unknown, record: UnreadableRecord) => void;

/** As it lies in the log; the bytes are valid during the call only. */
export interface UnreadableRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly rawKey: Uint8Array | null;
  readonly rawValue: Uint8Array | null;
  readonly headers: Headers;
}

const throwIt: OnUnreadable = (error) => {
  throw error;
};

/** The event loop is looked at after so many records. */
const RECORDS_PER_CHECK = 128;

/** How records are walked. */
export interface EachRecordOptions {
  /** The event loop is given back this often. */
  readonly sliceMs: number;
  readonly take: TakeRecord;
  /** Called between two slices with the offset after the last record that was taken; waited for. Its time is part of the next slice. */
  readonly afterSlice?: ((nextOffset: number) => Promise<void> | undefined) | undefined;
  /** Default: throws the error. */
  readonly onUnreadable?: OnUnreadable;
  /** Ends the walk, also while it waits for a codec. */
  readonly signal: AbortSignal;
}

/**
 * Gives each data record of `fetched` from its offset on, in order; under read_committed none of an aborted transaction. A codec that has to be loaded is waited for, as long
 * as it takes; one that the registry does not have (`SerdeError`) makes the record unreadable. Returns the number of
 * records. Rejects with `CorruptBatchError`, with what `onUnreadable` throws, and with the signal's reason.
 */
export async function eachRecord(
  fetched: FetchedRecords,
  { sliceMs, take, afterSlice, onUnreadable = throwIt, signal }: EachRecordOptions,
): Promise<number> {
  const cursor = new RecordCursor().reset(fetched.records);
  const aborted = new AbortFilter().reset(fetched);
  let count = 0;
  let sliceEnd = performance.now() + sliceMs;
  while (cursor.nextBatch()) {
    if (aborted.skips(cursor) || cursor.lastOffset < fetched.offset) continue;
    while (cursor.next()) {
      if (cursor.offset < fetched.offset) continue;
      const pending = takeCurrent(cursor, take, onUnreadable);
      if (pending !== undefined) await takeWhenReady(cursor, take, onUnreadable, pending, signal);
      count++;
      if (count % RECORDS_PER_CHECK === 0 && performance.now() >= sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + sliceMs;
        await afterSlice?.(cursor.offset + 1);
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
    onUnreadable(error, unreadable(cursor));
    return undefined;
  }
}

function unreadable(cursor: RecordCursor): UnreadableRecord {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd, offset, timestamp } = cursor;
  const rawKey = keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd);
  const rawValue = valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd);
  return { offset, timestamp, rawKey, rawValue, headers: readHeaders(cursor) };
}

async function takeWhenReady(
  cursor: RecordCursor,
  take: TakeRecord,
  onUnreadable: OnUnreadable,
  pending: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  for (let ready: Promise<void> | undefined = pending; ready !== undefined;) {
    try {
      await orAborted(ready, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SerdeError) {
        onUnreadable(error, unreadable(cursor));
        return;
      }
      // A registry that is away says nothing about the record.
      await pause(backoffMs(++failures), signal);
    }
    signal.throwIfAborted();
    ready = takeCurrent(cursor, take, onUnreadable);
  }
}

/** Settles as `work` does, or rejects when `signal` is aborted first. */
function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

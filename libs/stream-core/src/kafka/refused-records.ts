/**
 * What becomes of records that a broker refuses for good.
 *
 *     refused ─▶ too large, invalid: halves, until the record is alone ─▶ policy: fail │ other records take their place │ (delivery time over) again
 */
import { ErrorCode, RecordCursor } from '@playhead/kafka-protocol';
import type { Headers } from '../processor/headers.ts';
import type { OutputOrigin } from '../processor/record-collector.ts';
import type { ProduceBatch } from './produce-batch.ts';
import { readHeaders } from './read-headers.ts';
import type { TopicPartition } from './types.ts';

/** A record to be written. */
export interface OutputRecord extends TopicPartition {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  readonly origin: OutputOrigin | undefined;
}

/** `retry`: delivery begins anew, only for what may succeed later. `fail`: the producer's `error` from now on. `write`: instead of the records; they count as acknowledged when these are. */
export type RefusalDecision = 'retry' | { readonly fail: Error } | { readonly write: readonly OutputRecord[] };

/** Decides about records that a broker has refused, or that could not be delivered in time. Their bytes are valid during the call only. Must not throw. */
export type RefusalPolicy = (refused: readonly OutputRecord[], error: Error) => RefusalDecision;

/** One record is at fault, or all of a batch together are: the others may be taken without it. */
const OF_SINGLE_RECORDS: ReadonlySet<number> = new Set([
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.INVALID_RECORD,
  ErrorCode.INVALID_TIMESTAMP,
]);

/** Whether a refused batch is tried again in halves: not when somebody waits for the one offset of its records, and not when an earlier try may have written it. */
export const isSplittable = ({ writer, refusal, uncertain, isOffsetAsked }: ProduceBatch): boolean =>
  writer.count > 1 && OF_SINGLE_RECORDS.has(refusal) && !uncertain && !isOffsetAsked;

/** The records of a batch, as views of its memory. */
export function recordsOf({ writer, origins }: ProduceBatch, { topic, partition }: TopicPartition): OutputRecord[] {
  const records: OutputRecord[] = [];
  const cursor = new RecordCursor().reset(writer.seal());
  cursor.nextBatch();
  while (cursor.next()) {
    const { bytes, timestamp, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    records.push({
      topic,
      partition,
      timestamp,
      key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
      value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      headers: readHeaders(cursor),
      origin: origins?.[records.length],
    });
  }
  return records;
}

import { BATCH_HEADER_BYTES, KafkaProtocolError, readInt64, RecordCursor } from '@playhead/kafka-protocol';
import { batchBytesAt, lastOffsetAt } from './batch-scan.ts';
import { INDEX_INTERVAL_BYTES, type Segment } from './segment.ts';

const EMPTY = Buffer.alloc(0);
const TIME_WINDOW_BYTES = 256 * 1024;

/** A record found by its time. */
export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
}

/** How much to read. */
export interface ReadLimits {
  readonly maxBytes: number;
  /** Answer the first batch whatever its size. */
  readonly atLeastOne: boolean;
  /** Only what lies before this offset, which is a batch's first: the last stable offset or the log's end. */
  readonly upTo: number;
}

/** Whole batches, and one past the last offset that they reach to. */
export interface BatchRun {
  readonly records: Buffer;
  readonly endOffset: number;
}

/**
 * Whole batches of a segment from the one that holds `offset` on, or the next one where compaction left a hole. One read of the file and no work per record.
 * Null when the segment has none: it ends before the offset.
 */
export function readBatches(segment: Segment, offset: number, limits: ReadLimits): BatchRun | null {
  const { maxBytes, atLeastOne, upTo } = limits;
  const from = segment.positionBefore(offset);
  const chunk = segment.read(from, INDEX_INTERVAL_BYTES + BATCH_HEADER_BYTES + maxBytes);
  const start = batchHolding(chunk, offset);
  if (start < 0) return null;
  const stable = upTo < segment.nextOffset ? firstAtOrAfter(segment, chunk, from, start, upTo) : chunk.length;
  if (stable === start) return { records: EMPTY, endOffset: offset };
  const first = batchBytesAt(chunk, start);
  if (first > maxBytes || start + first > chunk.length) {
    if (!atLeastOne) return { records: EMPTY, endOffset: offset };
    return { records: segment.read(from + start, first), endOffset: lastOffsetAt(chunk, start) + 1 };
  }
  const end = lastBoundary(segment, chunk, from, start, Math.min(start + maxBytes, stable));
  const isNextKnown = from + end < segment.size && end + BATCH_HEADER_BYTES <= chunk.length;
  const endOffset = isNextKnown ? readInt64(chunk, end) : Math.min(segment.nextOffset, upTo);
  return { records: chunk.subarray(start, end), endOffset };
}

/** Where in the chunk the batch with the offset starts; −1 when there is none. */
function batchHolding(chunk: Buffer, offset: number): number {
  let at = 0;
  while (at + BATCH_HEADER_BYTES <= chunk.length) {
    if (lastOffsetAt(chunk, at) >= offset) return at;
    at += batchBytesAt(chunk, at);
  }
  return -1;
}

/** Where in the chunk, from the batch at `start` on, the first one with an offset of at least `offset` starts; the chunk's end or beyond it when there is none. */
function firstAtOrAfter(segment: Segment, chunk: Buffer, from: number, start: number, offset: number): number {
  let at = Math.max(start, segment.positionBefore(offset) - from);
  while (at + BATCH_HEADER_BYTES <= chunk.length && lastOffsetAt(chunk, at) < offset) at += batchBytesAt(chunk, at);
  return at;
}

/** The end of the last whole batch before `limit`. The index jumps close to it, so a chunk of small batches is not walked from its start. */
function lastBoundary(segment: Segment, chunk: Buffer, from: number, start: number, limit: number): number {
  const end = Math.min(limit, chunk.length);
  if (from + end === segment.size) return end;
  let at = Math.max(start, segment.batchStartBefore(from + end) - from);
  while (at + BATCH_HEADER_BYTES <= end && at + batchBytesAt(chunk, at) <= end) at += batchBytesAt(chunk, at);
  return at;
}

/** The segment's first record at or after `fromOffset` with at least this timestamp, or null. A batch that cannot be opened answers for its records. */
export function findTimestamp(segment: Segment, timestampMs: number, fromOffset: number): TimestampedOffset | null {
  const cursor = new RecordCursor();
  let position = segment.positionBeforeTimestamp(timestampMs);
  while (position < segment.size) {
    const window = wholeBatches(segment, position);
    cursor.reset(window);
    while (cursor.nextBatch()) {
      if (cursor.maxTimestamp < timestampMs || cursor.lastOffset < fromOffset) continue;
      const found = firstRecord(cursor, timestampMs, fromOffset);
      if (found !== null) return found;
    }
    position += cursor.batchEnd;
  }
  return null;
}

function wholeBatches(segment: Segment, position: number): Buffer {
  const window = segment.read(position, TIME_WINDOW_BYTES);
  const first = batchBytesAt(window, 0);
  return first <= window.length ? window : segment.read(position, first);
}

function firstRecord(cursor: RecordCursor, timestampMs: number, fromOffset: number): TimestampedOffset | null {
  try {
    while (cursor.next()) {
      if (cursor.timestamp >= timestampMs && cursor.offset >= fromOffset)
        return { offset: cursor.offset, timestampMs: cursor.timestamp };
    }
    return null;
  } catch (error) {
    if (!(error instanceof KafkaProtocolError)) throw error;
    return { offset: Math.max(cursor.baseOffset, fromOffset), timestampMs: cursor.maxTimestamp };
  }
}

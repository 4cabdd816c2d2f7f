import { ErrorCode } from '@playhead/kafka-protocol';
import type { Segment } from './segment.ts';
import { readBatches, type ReadLimits } from './segment-reader.ts';

const EMPTY = Buffer.alloc(0);

/** How a read went: with OFFSET_OUT_OF_RANGE there are no records. */
export interface ReadResult {
  readonly errorCode: number;
  readonly records: Buffer;
  /** One past the last offset that the records reach to; the offset asked for when there are none. */
  readonly endOffset: number;
  /** The records end with their segment, but a later one has more that may be read: waiting would bring nothing. */
  readonly goesOn: boolean;
}

/** The answer to a read before the log's start or after its end. */
export const OUT_OF_RANGE: ReadResult = {
  errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
  records: EMPTY,
  endOffset: -1,
  goesOn: false,
};

/** Finds segments by offset. */
interface SegmentsByOffset {
  /** The segment that holds the offset or, where compaction left a hole, the next batch after it. */
  holding(offset: number): Segment | undefined;
}

/** Reads batches of one segment: the first one that has a batch at or after the offset. */
export function readSegments(segments: SegmentsByOffset, offset: number, limits: ReadLimits): ReadResult {
  let segment = segments.holding(offset);
  while (segment !== undefined) {
    const goesOn = segment.nextOffset < limits.upTo;
    const run = readBatches(segment, offset, limits);
    if (run !== null) return { errorCode: ErrorCode.NONE, ...run, goesOn };
    // Compaction has taken the batches that its end stood for.
    segment = goesOn ? segments.holding(segment.nextOffset) : undefined;
  }
  return { errorCode: ErrorCode.NONE, records: EMPTY, endOffset: offset, goesOn: false };
}

import { BATCH_HEADER_BYTES, readInt64, BatchOffset } from '@playhead/kafka-protocol';
import type { Segment } from '../segment.ts';
import type { CleanerCheckpoint } from './cleaner-checkpoint.ts';
import type { CompactableLog } from './compactable-log.ts';

/** An open segment smaller than this is left to grow, however much of its log it is. */
const MIN_CLOSED_BYTES = 1024 * 1024;

/** What a pass over a log would work on. */
export interface Cleanable {
  /** From the log's start on. */
  readonly segments: readonly Segment[];
  readonly firstDirtyOffset: number;
  /** The part of `segments` and of it what is new, 0 to 1; infinite where the pass is due whatever the ratio. */
  readonly urgency: number;
}

/**
 * What there is to compact in a log, or null when it is not worth a pass yet: the closed segments without an undecided transaction and without a record that
 * is younger than `min.compaction.lag.ms`, once enough of them is new, a record has waited for `max.compaction.lag.ms`, or the last tombstone may go.
 */
export function findCleanable(log: CompactableLog, checkpoint: CleanerCheckpoint, nowMs: number): Cleanable | null {
  const segments = stableSegments(log, nowMs);
  const end = segments.at(-1)?.nextOffset ?? 0;
  const firstDirtyOffset = Math.max(checkpoint.firstDirtyOffset, log.logStartOffset);
  const dirty = segments.filter((segment) => segment.nextOffset > firstDirtyOffset);
  const dirtyBytes = sizeOf(dirty);
  const first = dirty[0];
  if (first === undefined || dirtyBytes === 0) {
    const isDue = checkpoint.latestHorizonMs >= 0 && nowMs >= checkpoint.latestHorizonMs && segments.length > 0;
    return isDue ? { segments, firstDirtyOffset: Math.max(firstDirtyOffset, end), urgency: Infinity } : null;
  }
  if (nowMs - firstTimestampOf(first) > log.config.maxCompactionLagMs)
    return { segments, firstDirtyOffset, urgency: Infinity };
  const ratio = dirtyBytes / sizeOf(segments);
  return ratio > log.config.minCleanableDirtyRatio ? { segments, firstDirtyOffset, urgency: ratio } : null;
}

/**
 * Whether the open segment of a compacted log should be closed before it is full: it is never compacted, and with the default of `segment.bytes` a small
 * table would drag many times its size along. So it is closed as soon as the dirty ratio would call for a pass if it were.
 */
export function shouldCloseOpenSegment(log: CompactableLog): boolean {
  const { openSegmentBytes } = log;
  if (openSegmentBytes < MIN_CLOSED_BYTES) return false;
  return openSegmentBytes > log.config.minCleanableDirtyRatio * (sizeOf(log.closedSegments) + openSegmentBytes);
}

function stableSegments(log: CompactableLog, nowMs: number): Segment[] {
  const { minCompactionLagMs } = log.config;
  const { lastStableOffset, closedSegments } = log;
  const isStable = ({ nextOffset, maxTimestampMs }: Segment): boolean =>
    nextOffset <= lastStableOffset && (minCompactionLagMs === 0 || maxTimestampMs <= nowMs - minCompactionLagMs);
  const firstUnstable = closedSegments.findIndex((segment) => !isStable(segment));
  return closedSegments.slice(0, firstUnstable === -1 ? closedSegments.length : firstUnstable);
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.size, 0);
}

/** The greatest time in a segment's first batch; infinite in one without a batch. */
export function firstTimestampOf(segment: Segment): number {
  const header = segment.read(0, BATCH_HEADER_BYTES);
  return header.length < BATCH_HEADER_BYTES ? Infinity : readInt64(header, BatchOffset.MAX_TIMESTAMP);
}

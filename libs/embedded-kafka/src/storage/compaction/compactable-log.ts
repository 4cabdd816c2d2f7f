import type { AbortedTransaction } from '../aborted-transactions.ts';
import type { FilePool } from '../file-pool.ts';
import type { Segment } from '../segment.ts';
import type { LogConfig } from '../topic-config.ts';

/** A partition's log as compaction sees it. */
export interface CompactableLog {
  readonly directory: string;
  readonly files: FilePool;
  readonly config: LogConfig;
  readonly closed: boolean;
  /** Whether what is written has to reach the disk before it counts. */
  readonly durable: boolean;
  readonly logStartOffset: number;
  readonly nextOffset: number;
  /** No transaction is undecided below it. */
  readonly lastStableOffset: number;
  /** All segments but the one that is written. */
  readonly closedSegments: readonly Segment[];
  /** Bytes in the segment that is written. */
  readonly openSegmentBytes: number;
  /** Aborted transactions that have an offset at or after `from` and before `upTo`, by their first offset. */
  abortedWithin(from: number, upTo: number): AbortedTransaction[];
  /** The base offset of the last batch that a retry of the producer is compared with; undefined for one that is not remembered. */
  lastBatchOf(producerId: number): number | undefined;
  /** Closes the segment that is written, so that it can be compacted. */
  closeOpenSegment(): void;
  /** Puts the segment that was written beside them in the place of consecutive closed ones; the markers that went with them have these offsets. */
  replaceSegments(sources: readonly Segment[], droppedMarkers: readonly number[]): void;
}

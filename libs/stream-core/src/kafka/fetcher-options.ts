import type { IsolationLevel, PartitionStart } from './types.ts';

/** What to do when a partition's position is not in its log (any more). */
export type OffsetResetPolicy = 'earliest' | 'latest' | 'fail';

/** How a `Fetcher` reads. */
export interface FetcherOptions {
  /** Default read_uncommitted. The fetcher only passes the aborted transactions on: see `AbortFilter`. */
  readonly isolation?: IsolationLevel;
  /** How long the broker may hold an empty answer. Default 500. */
  readonly maxWaitMs?: number;
  /** Bytes of one partition in one answer. Default 1 MiB. */
  readonly maxPartitionBytes?: number;
  /** Bytes of one answer. Default 8 MiB. */
  readonly maxResponseBytes?: number;
  /** Bytes of one partition that may wait to be polled before it is left out of fetches. Default 2 MiB. */
  readonly maxBufferedPartitionBytes?: number;
  /** Bytes in all that may wait to be polled before fetching stops. Default 64 MiB. */
  readonly maxBufferedBytes?: number;
  /** Default 'fail': `poll` throws. A function decides per partition. */
  readonly onOutOfRange?: OffsetResetPolicy | ((partition: PartitionStart) => OffsetResetPolicy);
}

/** Where a partition stands. */
export interface FetchPosition {
  /** The offset of the next record that `poll` returns. */
  readonly offset: number;
  /** As of the latest answer; −1 before the first. */
  readonly highWatermark: number;
  /** As of the latest answer; −1 before the first. */
  readonly lastStableOffset: number;
  /** Where what may be read ends: one of these two, by the isolation level. */
  readonly end: number;
}

import type { PartitionLog } from '../storage/partition-log.ts';

const MAX_TIMER_MS = 0x7fff_ffff;

/** What a parked Fetch waits for. */
export interface GrowthWait {
  readonly logs: readonly PartitionLog[];
  /** Only what no open transaction holds back counts: the end of a transaction makes all of it count at once. */
  readonly isolated: boolean;
  /** Bytes that the logs together must grow by. */
  readonly bytes: number;
  readonly maxWaitMs: number;
  /** Ends the wait: nobody reads the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when the logs have grown enough, when one of them is closed (its topic was deleted), after `maxWaitMs`, or when the client is gone.
 * Looks only after the produce request at hand has been handled whole, so that one wake-up sees all its partitions.
 */
export function waitForGrowth({ logs, isolated, bytes, maxWaitMs, signal }: GrowthWait): Promise<void> {
  return new Promise((resolve) => {
    let scheduled = false;
    const wanted = readableBytes(logs, isolated) + bytes;
    const finish = (): void => {
      clearTimeout(timer);
      for (const log of logs) log.offChange(wake);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const look = (): void => {
      scheduled = false;
      if (readableBytes(logs, isolated) >= wanted || logs.some((log) => log.closed)) finish();
    };
    const wake = (): void => {
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(look);
    };
    const timer = setTimeout(finish, Math.min(maxWaitMs, MAX_TIMER_MS));
    for (const log of logs) log.onChange(wake);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

function readableBytes(logs: readonly PartitionLog[], isolated: boolean): number {
  let bytes = 0;
  for (const log of logs) bytes += isolated ? log.stableBytes : log.appendedBytes;
  return bytes;
}

import { ArgumentError } from '../errors.ts';

/**
 * Where a source begins that has no committed offset: at the first record there is, behind the last, at the first that is no older than a duration (KIP-1106; behind the last, if all are), or nowhere: `none` stops
 * the application. An offset that has been deleted goes to the first record, with `latest` behind the last, and with `none` it stops the application too.
 */
export type OffsetReset = 'earliest' | 'latest' | 'none' | { readonly byDurationMs: number };

/** Throws `ArgumentError` for a duration that is none. */
export function requireOffsetReset(reset: OffsetReset | undefined): OffsetReset | undefined {
  if (typeof reset !== 'object' || (Number.isSafeInteger(reset.byDurationMs) && reset.byDurationMs >= 0)) return reset;
  throw new ArgumentError(`offsetReset goes ${reset.byDurationMs} ms back; allowed: whole numbers from 0`);
}

/** Whether two sources of one topic agree; a duration by its length. */
export function isSameReset(a: OffsetReset | undefined, b: OffsetReset | undefined): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && a.byDurationMs === b.byDurationMs);
}

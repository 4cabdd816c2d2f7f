import { encode } from '../../../serde/serde.ts';
import type { Version } from '../../../state/version-history.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { OverlayContext } from './overlay-entry.ts';
import type { StoreMeta } from './store-parts.ts';
import { TimedOverlay } from './timed-overlay.ts';
import type { KeyRows, TimedRow } from './timed-rows.ts';

/** A version that is filed behind a newer one. */
export interface FiledVersion<K, V> extends Version<V> {
  readonly key: K;
  readonly keyBytes: Uint8Array;
  readonly bytes: Uint8Array | null;
}

/**
 * The versions of a versioned store that are not the latest value of their key: rows key ‖ timestamp(8) → mark(1) ‖ value. A version lies in the segment of the next one's time, up to which it is valid,
 * and expires with it; a delete that nothing followed, in that of its own.
 */
export class PastVersions<K, V> {
  readonly #context: OverlayContext<K, V>;
  readonly #rows: TimedOverlay<K, V>;
  readonly #historyMs: number;

  constructor(name: string, historyMs: number, context: OverlayContext<K, V>) {
    this.#context = context;
    this.#historyMs = historyMs;
    this.#rows = new TimedOverlay({ name, retentionMs: historyMs, tieBytes: 0, context });
  }

  open(environment: LmdbEnvironment, ids: StoreMeta['ids']): void {
    this.#rows.open(environment, ids);
  }

  reset(): void {
    this.#rows.reset();
  }

  encode(): readonly (number | null)[] {
    return this.#rows.encode();
  }

  /** The version that is valid at a time that is in the history and before that of the latest value. */
  at(key: K, timestamp: number, observedMs: number): Version<V> | undefined {
    const rows = this.#rows.find(key, 0, observedMs);
    const row = this.#lastLive(rows, timestamp + 1, observedMs);
    return row === undefined ? undefined : { value: this.#rows.valueOf(row), timestamp: row.timeMs };
  }

  /** When a key that has no latest value was deleted; −1: it was not, or that has left the history. */
  deletedMs(key: K, observedMs: number): number {
    const rows = this.#rows.find(key, 0, observedMs);
    return this.#lastLive(rows, Infinity, observedMs)?.timeMs ?? -1;
  }

  /** `validToMs`: the next version's time. */
  put(
    key: K,
    value: V | null,
    timestamp: number,
    keyBytes: Uint8Array,
    bytes: Uint8Array | null,
    validToMs: number,
  ): void {
    const rows = this.#rows.put(key, value, timestamp, 0, keyBytes, bytes, validToMs);
    // The store's time is no earlier.
    const oldest = lastBefore(rows, validToMs - this.#historyMs + 1);
    if (oldest !== undefined) rows.dropUpTo(oldest.timeMs - 1);
  }

  remove(key: K, timestamp: number, keyBytes: Uint8Array): void {
    this.#rows.remove(key, timestamp, 0, keyBytes);
  }

  /** Files a version in its place: the one before it is valid up to its time only. `latestMs`: time of the latest value or delete. */
  insert({ key, value, timestamp, keyBytes, bytes }: FiledVersion<K, V>, latestMs: number, observedMs: number): void {
    const rows = this.#rows.find(key, 0, observedMs);
    let validToMs = latestMs;
    if (rows !== undefined) {
      for (let at = rows.firstAt(timestamp + 1); at < rows.length; at++) {
        if (rows.rowAt(at).isRemoved) continue;
        validToMs = rows.rowAt(at).timeMs;
        break;
      }
      const before = this.#lastLive(rows, timestamp, observedMs);
      if (before !== undefined && !this.#rows.isIn(before, timestamp)) {
        const earlier = this.#rows.valueOf(before);
        const earlierBytes = earlier === null ? null : encode(this.#context.value, earlier);
        this.put(key, earlier, before.timeMs, keyBytes, earlierBytes, timestamp);
      }
    }
    this.put(key, value, timestamp, keyBytes, bytes, validToMs);
  }

  /** What followed an expired one need not be in memory. */
  #lastLive(rows: KeyRows<K, V> | undefined, timeMs: number, observedMs: number): TimedRow<K, V> | undefined {
    const row = rows === undefined ? undefined : lastBefore(rows, timeMs);
    return row === undefined || this.#rows.isExpired(row, observedMs) ? undefined : row;
  }
}

/** The last row before a time that is not removed. */
function lastBefore<K, V>(rows: KeyRows<K, V>, timeMs: number): TimedRow<K, V> | undefined {
  for (let at = rows.firstAt(timeMs) - 1; at >= 0; at--) if (!rows.rowAt(at).isRemoved) return rows.rowAt(at);
  return undefined;
}

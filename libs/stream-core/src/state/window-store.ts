import type { StateStore } from './state-store.ts';

/** An entry of a window store. */
export interface WindowEntry<K, V> {
  readonly key: K;
  /** Start of the window, milliseconds since the epoch. */
  readonly windowStartMs: number;
  readonly value: V;
  readonly timestamp: number;
}

/** Window starts from and to (both inclusive), and direction. An absent bound is open. */
export interface WindowRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** What queries may do with a window store. Entries older than the retention are not seen. */
export interface ReadOnlyWindowStore<K, V> extends StateStore {
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  /** The value of the key's window that starts at `windowStartMs`, or null. */
  fetch(key: K, windowStartMs: number): V | null;
  /** The key's windows by start, as of the call. */
  fetchRange(key: K, range: WindowRange): IterableIterator<WindowEntry<K, V>>;
  /** Entries of all keys by start, then by the byte order of the keys; as of the call. */
  all(range?: WindowRange): IterableIterator<WindowEntry<K, V>>;
}

/**
 * A store of one timestamped value per key and window start. Its own time is the greatest start put so far; an entry whose start is at or before
 * that time minus the retention is refused and no longer seen.
 */
export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V> {
  readonly kind: 'window';
  /** Timestamp of the value that the last `fetch` of this store found: read it at once. */
  readonly foundTimestamp: number;
  /** Null deletes. Counts a dropped record (`expired-window-record`) when the window is older than the retention. */
  put(key: K, value: V | null, windowStartMs: number, timestamp: number): void;
}

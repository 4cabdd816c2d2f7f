import type { StateStore } from './state-store.ts';

/**
 * One side of a stream-stream join: every record of the last `retentionMs`, several of one key and time too. Its own time is the greatest timestamp put so far (also by a put without a
 * value); records at or before that time minus the retention are refused and no longer found. Reads make no objects: `find`, then `foundTimestamp` and `foundValue` by index.
 */
export interface JoinStore<K, V> extends StateStore {
  readonly kind: 'internal';
  readonly retentionMs: number;
  /** Keeps a record. Null only moves the store's time. Counts a dropped record (`expired-window-record`) when it is older than the retention. */
  put(key: K, value: V | null, timestamp: number): void;
  /** Finds the key's records from and to these timestamps (both inclusive) and gives their number; they are by time, those of one time in the order they were put. Valid until the next call of the store. */
  find(key: K, fromMs: number, toMs: number): number;
  foundTimestamp(index: number): number;
  foundValue(index: number): V;
}

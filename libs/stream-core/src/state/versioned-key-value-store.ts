import type { KeyValueStore } from './key-value-store.ts';

/** What became of a version: `latest` is what `get` now gives (or the delete after which it gives nothing), `superseded` lies behind a newer one, `expired` was older than the history and refused. */
export type PutOutcome = 'latest' | 'superseded' | 'expired';

/**
 * A key-value store that remembers what a key's value was before. A value is valid from its timestamp to the next version's. Its own time is the greatest timestamp put; the past can be read
 * and changed back to that time minus `historyMs`. `get`, `range` and `all` give the latest versions.
 */
export interface VersionedKeyValueStore<K, V> extends KeyValueStore<K, V> {
  readonly historyMs: number;
  /** Files a value, or with null a delete, under its timestamp. Counts a dropped record (`expired-version`) when it is older than the history. */
  putVersion(key: K, value: V | null, timestamp: number): PutOutcome;
  /** The value that was valid at `timestamp`, or null: also where that is before the history and not the latest. Sets `foundTimestamp`. */
  getAsOf(key: K, timestamp: number): V | null;
}

import type { StateStore } from './state-store.ts';

/** A session of a session store. */
export interface SessionEntry<K, V> {
  readonly key: K;
  /** First and last timestamp, both included, milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly value: V;
}

/** Ends from and to (both inclusive), and direction. An absent bound is open. */
export interface SessionRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly reverse?: boolean | undefined;
}

/** What queries may do with a session store. Sessions older than the retention are not seen. */
export interface ReadOnlySessionStore<K, V> extends StateStore {
  readonly retentionMs: number;
  /** The value of exactly this session, or null. */
  fetchSession(key: K, startMs: number, endMs: number): V | null;
  /** The key's sessions that end at `earliestEndMs` or later and start at `latestStartMs` or earlier, by end, then start; as of the call. */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): readonly SessionEntry<K, V>[];
  /** Sessions of all keys by end, then by the byte order of the keys, then by start; as of the call. */
  all(range?: SessionRange): IterableIterator<SessionEntry<K, V>>;
}

/** A store of one value per key and session. Its own time is the greatest end put so far; a session whose end is at or before that time minus the retention is refused and no longer seen. */
export interface SessionStore<K, V> extends ReadOnlySessionStore<K, V> {
  readonly kind: 'session';
  /** Null deletes. Counts a dropped record (`expired-window-record`) when the session is older than the retention. `timestamp` goes to the changelog only. */
  put(key: K, value: V | null, startMs: number, endMs: number, timestamp: number): void;
  /** As a `put` of null that leaves the store's time as it is. */
  remove(key: K, startMs: number, endMs: number, timestamp: number): void;
}

import { SortedTimes } from '../internal/sorted-times.ts';
import type { MapKey } from './store-keys.ts';
import type { SessionEntry } from './session-store.ts';

/** A session in memory. `value` is overwritten in place. */
export class StoredSession<K, V> implements SessionEntry<K, V> {
  readonly key: K;
  readonly mapKey: MapKey;
  readonly startMs: number;
  readonly endMs: number;
  value: V;

  constructor(key: K, mapKey: MapKey, startMs: number, endMs: number, value: V) {
    this.key = key;
    this.mapKey = mapKey;
    this.startMs = startMs;
    this.endMs = endMs;
    this.value = value;
  }
}

/** Sessions by key, for merging, and by end, for expiring. Its own time is the greatest end put. */
export class SessionMap<K, V> {
  readonly #retentionMs: number;
  /** Those of a key by end, then start: a handful. */
  readonly #byKey = new Map<MapKey, StoredSession<K, V>[]>();
  readonly #byEnd = new Map<number, Set<StoredSession<K, V>>>();
  readonly #ends = new SortedTimes((endMs) => this.#byEnd.has(endMs));
  #observedMs = -1;
  #sessions = 0;

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  get size(): number {
    return this.#sessions;
  }

  isExpired(endMs: number): boolean {
    return endMs <= this.#observedMs - this.#retentionMs;
  }

  /** Of one key, by end, then start. */
  of(mapKey: MapKey): readonly StoredSession<K, V>[] {
    return this.#byKey.get(mapKey) ?? [];
  }

  find(mapKey: MapKey, startMs: number, endMs: number): StoredSession<K, V> | undefined {
    return this.#byKey.get(mapKey)?.find((session) => session.endMs === endMs && session.startMs === startMs);
  }

  /** Moves the store's time and drops the sessions that expire by it. */
  observe(endMs: number): void {
    if (endMs <= this.#observedMs) return;
    this.#observedMs = endMs;
    const ends = this.#ends;
    for (let end = ends.first; this.isExpired(end); end = ends.first) {
      ends.shift();
      for (const session of this.#byEnd.get(end) ?? []) this.#removeFromKey(session);
      this.#byEnd.delete(end);
    }
  }

  add(session: StoredSession<K, V>): void {
    const { mapKey, endMs, startMs } = session;
    let sessions = this.#byKey.get(mapKey);
    if (sessions === undefined) this.#byKey.set(mapKey, (sessions = []));
    let at = sessions.length;
    while (at > 0 && isAfter(sessions[at - 1] as StoredSession<K, V>, endMs, startMs)) at--;
    sessions.splice(at, 0, session);
    this.#sessions++;
    let sameEnd = this.#byEnd.get(endMs);
    if (sameEnd === undefined) {
      this.#ends.add(endMs);
      this.#byEnd.set(endMs, (sameEnd = new Set()));
    }
    sameEnd.add(session);
  }

  delete(session: StoredSession<K, V>): void {
    this.#removeFromKey(session);
    const { endMs } = session;
    const sameEnd = this.#byEnd.get(endMs);
    sameEnd?.delete(session);
    if (sameEnd === undefined || sameEnd.size > 0) return;
    this.#byEnd.delete(endMs);
    this.#ends.forget();
  }

  /** Sessions of each end within the bounds (inclusive), ends as of the call. */
  *byEnd(fromMs: number, toMs: number, reverse: boolean): Generator<readonly StoredSession<K, V>[]> {
    for (const end of this.#ends.within(fromMs, toMs, reverse)) yield [...(this.#byEnd.get(end) ?? [])];
  }

  clear(): void {
    this.#byKey.clear();
    this.#byEnd.clear();
    this.#ends.clear();
    this.#sessions = 0;
    this.#observedMs = -1;
  }

  #removeFromKey(session: StoredSession<K, V>): void {
    const sessions = this.#byKey.get(session.mapKey);
    const at = sessions?.indexOf(session) ?? -1;
    if (sessions === undefined || at < 0) return;
    this.#sessions--;
    if (sessions.length === 1) this.#byKey.delete(session.mapKey);
    else sessions.splice(at, 1);
  }
}

function isAfter(session: StoredSession<unknown, unknown>, endMs: number, startMs: number): boolean {
  return session.endMs > endMs || (session.endMs === endMs && session.startMs > startMs);
}

import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import type { InMemoryStoreOptions } from './in-memory-key-value-store.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import { SessionMap, StoredSession } from './session-map.ts';
import { SessionKeyWriter, readSessionKey } from './session-store-keys.ts';
import type { SessionEntry, SessionRange, SessionStore } from './session-store.ts';
import type { StoreContext } from './state-store.ts';
import { StoreKeys, compareOrder } from './store-keys.ts';

/** What a session store in memory is made of. */
export interface InMemorySessionStoreOptions<K, V> extends InMemoryStoreOptions<K, V> {
  readonly retentionMs: number;
}

/** A short sorted list of sessions per key. */
export class InMemorySessionStore<K, V> implements SessionStore<K, V> {
  readonly name: string;
  readonly kind = 'session';
  readonly persistent = false;
  readonly retentionMs: number;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #sessions: SessionMap<K, V>;
  readonly #keyWriter = new SessionKeyWriter();
  #context: StoreContext | undefined;

  constructor({ name, key, value, mutates, retentionMs }: InMemorySessionStoreOptions<K, V>) {
    this.name = name;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#sessions = new SessionMap(retentionMs);
  }

  get approximateEntries(): number {
    return this.#sessions.size;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  fetchSession(key: K, startMs: number, endMs: number): V | null {
    return this.#sessions.find(this.#keys.mapKey(key), startMs, endMs)?.value ?? null;
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): readonly SessionEntry<K, V>[] {
    const sessions = this.#sessions.of(this.#keys.mapKey(key));
    return sessions.filter(({ startMs, endMs }) => endMs >= earliestEndMs && startMs <= latestStartMs);
  }

  put(key: K, value: V | null, startMs: number, endMs: number, timestamp: number): void {
    const context = this.#requireContext();
    if (!this.#set(key, value, startMs, endMs)) context.countDropped('expired-window-record');
    else if (context.freezeValues && !this.#mutates) deepFreeze(value);
    this.#log(key, value, startMs, endMs, timestamp);
  }

  remove(key: K, startMs: number, endMs: number, timestamp: number): void {
    this.#requireContext();
    const session = this.#sessions.find(this.#keys.mapKey(key), startMs, endMs);
    if (session !== undefined) this.#sessions.delete(session);
    this.#log(key, null, startMs, endMs, timestamp);
  }

  *all({ fromMs = -Infinity, toMs = Infinity, reverse = false }: SessionRange = {}): IterableIterator<
    SessionEntry<K, V>
  > {
    for (const sameEnd of this.#sessions.byEnd(fromMs, toMs, reverse)) {
      const ordered = sameEnd.map((session) => ({ order: this.#keys.order(session.key), session }));
      ordered.sort((a, b) => compareOrder(a, b) || a.session.startMs - b.session.startMs);
      if (reverse) ordered.reverse();
      for (const { session } of ordered) yield session;
    }
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const { key: keyBytes, startMs, endMs } = readSessionKey(key);
    const restored = value === null ? null : this.#valueCodec.deserialize(value);
    this.#set(this.#keys.codec.deserialize(keyBytes), restored, startMs, endMs);
  }

  flush(): void {}

  close(): void {
    this.#sessions.clear();
  }

  /** False: the session has expired and nothing was stored. */
  #set(key: K, value: V | null, startMs: number, endMs: number): boolean {
    const sessions = this.#sessions;
    sessions.observe(endMs);
    if (sessions.isExpired(endMs)) return false;
    const mapKey = this.#keys.mapKey(key);
    const present = sessions.find(mapKey, startMs, endMs);
    if (value === null) {
      if (present !== undefined) sessions.delete(present);
    } else if (present === undefined) {
      sessions.add(new StoredSession(key, mapKey, startMs, endMs, value));
    } else {
      present.value = value;
    }
    return true;
  }

  #log(key: K, value: V | null, startMs: number, endMs: number, timestamp: number): void {
    const changelog = this.#context?.changelog;
    if (changelog === undefined) return;
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    changelog.log(this.#keyWriter.write(encode(this.#keys.codec, key), startMs, endMs), bytes, timestamp);
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

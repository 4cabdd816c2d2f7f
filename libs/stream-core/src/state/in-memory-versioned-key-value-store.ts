import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import type { InMemoryStoreOptions } from './in-memory-key-value-store.ts';
import type { KeyRange, KeyValueEntry, ValueAndTimestamp } from './key-value-store.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { StoreContext } from './state-store.ts';
import type { MapKey } from './store-keys.ts';
import { compareOrder, StoreKeys } from './store-keys.ts';
import { readHistory, writeHistory } from './history-forms.ts';
import { VersionHistory } from './version-history.ts';
import type { PutOutcome, VersionedKeyValueStore } from './versioned-key-value-store.ts';

/** What a versioned store in memory is made of. */
export interface InMemoryVersionedStoreOptions<K, V> extends InMemoryStoreOptions<K, V> {
  readonly historyMs: number;
}

interface Deleted<K> {
  readonly mapKey: MapKey;
  readonly key: K;
  readonly timestamp: number;
}

/** The versions of each key. Those that nobody can read any more go when their key is touched; keys that were deleted go when that has left the history. */
export class InMemoryVersionedKeyValueStore<K, V> implements VersionedKeyValueStore<K, V> {
  readonly name: string;
  readonly kind = 'key-value';
  readonly persistent = false;
  readonly historyMs: number;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #histories = new Map<MapKey, VersionHistory<K, V>>();
  /** By the order of the deletes; looked at from the front, so it holds as many as were deleted within a history. */
  #deleted: Deleted<K>[] = [];
  #observedMs = -1;
  #context: StoreContext | undefined;

  constructor({ name, key, value, mutates, historyMs }: InMemoryVersionedStoreOptions<K, V>) {
    this.name = name;
    this.historyMs = historyMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
  }

  get approximateEntries(): number {
    return this.#histories.size;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  get(key: K): V | null {
    return this.getAsOf(key, Infinity);
  }

  getAsOf(key: K, timestamp: number): V | null {
    const history = this.#histories.get(this.#keys.mapKey(key));
    const version = history?.at(timestamp);
    if (history === undefined || version === undefined || version.value === null) return null;
    if (version !== history.latest && timestamp < this.#observedMs - this.historyMs) return null;
    this.foundTimestamp = version.timestamp;
    return version.value;
  }

  getWithTimestamp(key: K): ValueAndTimestamp<V> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: K, value: V | null, timestamp: number = this.#requireContext().record.timestamp): void {
    this.putVersion(key, value, timestamp);
  }

  putVersion(key: K, value: V | null, timestamp: number): PutOutcome {
    const context = this.#requireContext();
    const outcome = this.#file(key, value, timestamp);
    if (outcome === 'expired') context.countDropped('expired-version');
    else if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const { changelog } = context;
    if (changelog !== undefined) {
      const bytes = value === null ? null : encode(this.#valueCodec, value);
      changelog.log(encode(this.#keys.codec, key), bytes, timestamp);
    }
    return outcome;
  }

  delete(key: K): V | null {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  /** Sorts the store at every call. */
  *range({ from, to, reverse }: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>> {
    const least = from === undefined ? '' : this.#keys.order(from);
    const most = to === undefined ? undefined : this.#keys.order(to);
    const ordered = Array.from(this.#histories.values(), (history) => ({
      order: this.#keys.order(history.key),
      history,
    }))
      .filter(({ order }) => order >= least && (most === undefined || order <= most))
      .sort(compareOrder);
    if (reverse === true) ordered.reverse();
    for (const { history } of ordered) {
      const { value, timestamp } = history.latest;
      if (value !== null) yield { key: history.key, value, timestamp };
    }
  }

  all(): IterableIterator<KeyValueEntry<K, V>> {
    return this.range({});
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const restored = value === null ? null : this.#valueCodec.deserialize(value);
    this.#file(this.#keys.codec.deserialize(key), restored, timestamp);
  }

  /** Fills the store with what `StoreContext.histories` was given. Throws as `restore`. */
  restoreHistory(keyBytes: Uint8Array, bytes: Uint8Array): void {
    const key = this.#keys.codec.deserialize(keyBytes);
    const mapKey = this.#keys.mapKey(key);
    let history: VersionHistory<K, V> | undefined;
    for (const { value, timestamp } of readHistory(bytes, this.#valueCodec)) {
      if (history === undefined) history = new VersionHistory<K, V>(key, value, timestamp);
      else history.file(value, timestamp);
    }
    if (history === undefined) return;
    this.#histories.set(mapKey, history);
    const { timestamp, value } = history.latest;
    this.#observedMs = Math.max(this.#observedMs, timestamp);
    if (value === null) this.#deleted.push({ mapKey, key, timestamp });
  }

  flush(): void {}

  close(): void {
    this.#histories.clear();
    this.#deleted = [];
    this.#observedMs = -1;
  }

  #file(key: K, value: V | null, timestamp: number): PutOutcome {
    if (timestamp < this.#observedMs - this.historyMs) return 'expired';
    if (timestamp > this.#observedMs) {
      this.#observedMs = timestamp;
      this.#forgetDeleted();
    }
    const mapKey = this.#keys.mapKey(key);
    let history = this.#histories.get(mapKey);
    if (history === undefined) {
      history = new VersionHistory<K, V>(key, value, timestamp);
      this.#histories.set(mapKey, history);
    } else {
      history.file(value, timestamp);
      history.forgetBefore(this.#observedMs - this.historyMs);
    }
    const isLatest = history.latest.timestamp === timestamp;
    if (isLatest && value === null) this.#deleted.push({ mapKey, key, timestamp });
    this.#context?.histories?.log(
      Buffer.from(encode(this.#keys.codec, key)),
      writeHistory(history.versions, this.#valueCodec),
      timestamp,
    );
    return isLatest ? 'latest' : 'superseded';
  }

  #forgetDeleted(): void {
    const before = this.#observedMs - this.historyMs;
    const first = this.#deleted.findIndex(({ timestamp }) => timestamp >= before);
    if (first === 0) return;
    for (const { mapKey, key, timestamp } of this.#deleted.splice(0, first < 0 ? this.#deleted.length : first)) {
      const latest = this.#histories.get(mapKey)?.latest;
      if (latest?.value !== null || latest.timestamp !== timestamp) continue;
      this.#histories.delete(mapKey);
      this.#context?.histories?.log(Buffer.from(encode(this.#keys.codec, key)), null, timestamp);
    }
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

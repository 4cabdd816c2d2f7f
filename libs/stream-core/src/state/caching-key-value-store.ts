import type { RecordOrigin } from '../processor/record-origin.ts';
import { NO_ORIGIN } from '../processor/record-origin.ts';
import { CachingStore } from './caching-store.ts';
import type { FlushListener } from './caching-store.ts';
import type { KeyRange, KeyValueEntry, KeyValueStore, ValueAndTimestamp } from './key-value-store.ts';
import type { MapKey } from './store-keys.ts';
import type { CacheEntry } from './write-back-cache.ts';

class Entry implements CacheEntry {
  origin: RecordOrigin = NO_ORIGIN;
  bytes = 0;
  readonly key: unknown;
  readonly mapKey: MapKey;
  value: unknown = null;
  timestamp = -1;

  constructor(key: unknown, mapKey: MapKey) {
    this.key = key;
    this.mapKey = mapKey;
  }
}

type Store = KeyValueStore<unknown, unknown>;

/** A cache in front of a key-value store. */
export class CachingKeyValueStore extends CachingStore<Entry, Store> implements Store {
  readonly kind = 'key-value';
  foundTimestamp = -1;
  readonly #entries = new Map<MapKey, Entry>();

  get(key: unknown): unknown {
    const entry = this.#entries.get(this.keys.mapKey(key));
    if (entry === undefined) {
      const value = this.inner.get(key);
      this.foundTimestamp = this.inner.foundTimestamp;
      return value;
    }
    this.cache.used(entry);
    this.foundTimestamp = entry.timestamp;
    return entry.value;
  }

  getWithTimestamp(key: unknown): ValueAndTimestamp<unknown> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: unknown, value: unknown, timestamp: number = this.recordTimestamp): void {
    const mapKey = this.keys.mapKey(key);
    let entry = this.#entries.get(mapKey);
    if (entry === undefined) this.#entries.set(mapKey, (entry = new Entry(key, mapKey)));
    entry.value = value;
    entry.timestamp = timestamp;
    this.touch(entry, key, value, timestamp);
  }

  delete(key: unknown): unknown {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  *range(range: KeyRange<unknown>): IterableIterator<KeyValueEntry<unknown, unknown>> {
    if (!this.cache.hasDirty) {
      yield* this.inner.range(range);
      return;
    }
    const { from, to, reverse } = range;
    const [lowest, highest] = [from, to].map((key) => (key === undefined ? undefined : this.keys.order(key)));
    const rows = new Map<string, KeyValueEntry<unknown, unknown>>();
    for (const row of this.inner.range(range)) rows.set(this.keys.order(row.key), row);
    for (const { key, value, timestamp } of this.#entries.values()) {
      const order = this.keys.order(key);
      if (value === null) rows.delete(order);
      else if (order >= (lowest ?? '') && (highest === undefined || order <= highest)) {
        rows.set(order, { key, value, timestamp });
      }
    }
    const orders = [...rows.keys()].sort();
    if (reverse === true) orders.reverse();
    for (const order of orders) yield rows.get(order) as KeyValueEntry<unknown, unknown>;
  }

  all(): IterableIterator<KeyValueEntry<unknown, unknown>> {
    return this.range({});
  }

  protected override forget({ mapKey }: Entry): void {
    this.#entries.delete(mapKey);
  }

  protected override innerValue({ key }: Entry): unknown {
    return this.inner.get(key);
  }

  protected override valueOf({ value }: Entry): unknown {
    return value;
  }

  protected override writeInner({ key, value, timestamp }: Entry): void {
    this.inner.put(key, value, timestamp);
  }

  protected override forwardEntry({ key, value, timestamp }: Entry, oldValue: unknown, listener: FlushListener): void {
    listener(key, value, oldValue, timestamp);
  }
}

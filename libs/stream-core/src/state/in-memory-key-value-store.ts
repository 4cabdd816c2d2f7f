import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import type { KeyRange, KeyValueEntry, KeyValueStore, ValueAndTimestamp } from './key-value-store.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import { SortedEntries, StoreEntry } from './sorted-entries.ts';
import type { StoreContext } from './state-store.ts';
import type { MapKey } from './store-keys.ts';
import { StoreKeys } from './store-keys.ts';

/** What a store in memory is made of. */
export interface InMemoryStoreOptions<K, V> {
  readonly name: string;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
  readonly mutates: boolean;
}

/** One Map of entries. A `put` that follows a `get` of the same key does not look it up again. */
export class InMemoryKeyValueStore<K, V> implements KeyValueStore<K, V> {
  readonly name: string;
  readonly kind = 'key-value';
  readonly persistent = false;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #entries = new Map<MapKey, StoreEntry<K, V>>();
  readonly #sorted: SortedEntries<K, V>;
  #context: StoreContext | undefined;
  #isLastKnown = false;
  #lastKey: K | undefined;
  #lastEntry: StoreEntry<K, V> | undefined;

  constructor({ name, key, value, mutates }: InMemoryStoreOptions<K, V>) {
    this.name = name;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#sorted = new SortedEntries(this.#keys);
  }

  get approximateEntries(): number {
    return this.#entries.size;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  get(key: K): V | null {
    const entry = this.#entries.get(this.#keys.mapKey(key));
    this.#lastKey = key;
    this.#lastEntry = entry;
    this.#isLastKnown = true;
    if (entry === undefined) return null;
    this.foundTimestamp = entry.timestamp;
    return entry.value;
  }

  getWithTimestamp(key: K): ValueAndTimestamp<V> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: K, value: V | null, timestamp: number = this.#requireContext().record.timestamp): void {
    this.#set(key, value, timestamp);
    const context = this.#requireContext();
    if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const { changelog } = context;
    if (changelog !== undefined) {
      const bytes = value === null ? null : encode(this.#valueCodec, value);
      changelog.log(encode(this.#keys.codec, key), bytes, timestamp);
    }
  }

  delete(key: K): V | null {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  *range(range: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>> {
    for (const { key, value, timestamp } of this.#sorted.range(range, this.#entries.values())) {
      yield { key, value: value as V, timestamp };
    }
  }

  all(): IterableIterator<KeyValueEntry<K, V>> {
    return this.range({});
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#set(
      this.#keys.codec.deserialize(key),
      value === null ? null : this.#valueCodec.deserialize(value),
      timestamp,
    );
  }

  flush(): void {}

  close(): void {
    this.#entries.clear();
    this.#sorted.clear();
    this.#isLastKnown = false;
    this.#lastEntry = undefined;
  }

  #set(key: K, value: V | null, timestamp: number): void {
    const isLast = this.#isLastKnown && key === this.#lastKey;
    const entry = isLast ? this.#lastEntry : this.#entries.get(this.#keys.mapKey(key));
    this.#isLastKnown = false; // What was found (or not) is true for one put only.
    if (value === null) {
      if (entry !== undefined) this.#remove(key, entry);
    } else if (entry === undefined) {
      const added = new StoreEntry<K, V>(key, value, timestamp);
      this.#entries.set(this.#keys.mapKey(key), added);
      this.#sorted.added(added);
    } else {
      entry.value = value;
      entry.timestamp = timestamp;
    }
  }

  #remove(key: K, entry: StoreEntry<K, V>): void {
    this.#entries.delete(this.#keys.mapKey(key));
    entry.value = null;
    this.#sorted.deleted();
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

import type { StateStore } from './state-store.ts';

/** A value with the timestamp of the record that brought it last. */
export interface ValueAndTimestamp<V> {
  readonly value: V;
  /** Milliseconds since the epoch; -1 where the store was written without one. */
  readonly timestamp: number;
}

/** An entry of a key-value store. */
export interface KeyValueEntry<K, V> extends ValueAndTimestamp<V> {
  readonly key: K;
}

/** Bounds and direction of a range. Both bounds are inclusive; one that is absent is open. */
export interface KeyRange<K> {
  readonly from?: K | undefined;
  readonly to?: K | undefined;
  readonly reverse?: boolean | undefined;
}

/** What queries may do with a key-value store. */
export interface ReadOnlyKeyValueStore<K, V> extends StateStore {
  /** The key's value, or null. */
  get(key: K): V | null;
  getWithTimestamp(key: K): ValueAndTimestamp<V> | null;
  /** Entries by the byte order of their serialised keys, keys as of the call: what is added while iterating is not seen, what is deleted is left out. */
  range(range: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>>;
  /** Every entry; as `range({})`. */
  all(): IterableIterator<KeyValueEntry<K, V>>;
}

/** A store of one timestamped value per key. Values are kept as the objects they are: change one only where the node says `mutates`. */
export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V> {
  readonly kind: 'key-value';
  /** Timestamp of the value that the last `get` of this store found: read it at once. Spares an object per read. */
  readonly foundTimestamp: number;
  /** Null deletes. Without `timestamp` that of the task's present record is taken. */
  put(key: K, value: V | null, timestamp?: number): void;
  /** As `put(key, null)`; gives the value that was there. */
  delete(key: K): V | null;
}

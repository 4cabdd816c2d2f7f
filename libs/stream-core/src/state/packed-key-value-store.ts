import { ArgumentError } from '../errors.ts';
import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import type { InMemoryStoreOptions } from './in-memory-key-value-store.ts';
import type { KeyRange, KeyValueEntry, KeyValueStore, ValueAndTimestamp } from './key-value-store.ts';
import { PackedEntries } from './packed/packed-entries.ts';
import { orderedKeys } from './packed/packed-order.ts';
import { MAX_PACKED_KEY_BYTES } from './packed/packed-slabs.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { StoreContext } from './state-store.ts';

/** What a packed store needs, in bytes. */
export interface PackedMemory {
  readonly entryBytes: number;
  readonly deadBytes: number;
  readonly indexBytes: number;
}

/** A key-value store that gives each key a small number. */
export interface SlottedKeyValueStore<K, V> extends KeyValueStore<K, V> {
  /** What it needs now. */
  readonly memory: PackedMemory;
  /** A small number that the key keeps as long as it has a value, −1 without one: the index for an array beside the store. */
  slotOf(key: K): number;
  /** The key of a slot; undefined for one that is free. */
  keyAt(slot: number): K | undefined;
}

/**
 * Entries in their binary form outside the heap: the memory is that of their bytes, and the garbage collector does not see
 * them. A read decodes, a write takes the bytes that the changelog gets. For stores of many small values that are read by
 * key; a range has to order its keys first.
 */
export class PackedKeyValueStore<K, V> implements SlottedKeyValueStore<K, V> {
  readonly name: string;
  readonly kind = 'key-value';
  readonly persistent = false;
  foundTimestamp = -1;
  readonly #keyCodec: Codec<K>;
  readonly #valueCodec: Codec<V>;
  readonly #freezes: boolean;
  #entries = new PackedEntries();
  #context: StoreContext | undefined;

  constructor({ name, key, value, mutates }: InMemoryStoreOptions<K, V>) {
    this.name = name;
    this.#keyCodec = key;
    this.#valueCodec = value;
    this.#freezes = !mutates;
  }

  get approximateEntries(): number {
    return this.#entries.size;
  }

  get memory(): PackedMemory {
    const { slabs, indexBytes } = this.#entries;
    return { entryBytes: slabs.allocatedBytes, deadBytes: slabs.deadBytes, indexBytes };
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  slotOf(key: K): number {
    return this.#entries.slotOf(encode(this.#keyCodec, key));
  }

  keyAt(slot: number): K | undefined {
    const address = this.#entries.addressOf(slot);
    return address < 0 ? undefined : this.#keyCodec.deserialize(this.#entries.slabs.key(address));
  }

  get(key: K): V | null {
    const address = this.#entries.addressOf(this.slotOf(key));
    if (address < 0) return null;
    this.foundTimestamp = this.#entries.slabs.timestamp(address);
    return this.#read(address);
  }

  getWithTimestamp(key: K): ValueAndTimestamp<V> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: K, value: V | null, timestamp: number = this.#requireContext().record.timestamp): void {
    const { changelog, freezeValues } = this.#requireContext();
    if (freezeValues && this.#freezes) deepFreeze(value);
    const keyBytes = encode(this.#keyCodec, key);
    const valueBytes = value === null ? null : encode(this.#valueCodec, value);
    this.#write(keyBytes, valueBytes, timestamp);
    changelog?.log(keyBytes, valueBytes, timestamp);
  }

  delete(key: K): V | null {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  *range({ from, to, reverse = false }: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>> {
    const bound = (key: K | undefined): Uint8Array | undefined =>
      key === undefined ? undefined : Uint8Array.from(encode(this.#keyCodec, key));
    for (const keyBytes of orderedKeys(this.#entries, { from: bound(from), to: bound(to), reverse })) {
      const address = this.#entries.addressOf(this.#entries.slotOf(keyBytes));
      if (address < 0) continue;
      const timestamp = this.#entries.slabs.timestamp(address);
      yield { key: this.#keyCodec.deserialize(keyBytes), value: this.#read(address), timestamp };
    }
  }

  all(): IterableIterator<KeyValueEntry<K, V>> {
    return this.range({});
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#keyCodec.deserialize(key);
    // What cannot be read yet, or ever, is refused here and not in the middle of a record.
    if (value !== null) this.#valueCodec.deserialize(value);
    this.#write(key, value, timestamp);
  }

  flush(): void {}

  close(): void {
    this.#entries = new PackedEntries();
  }

  #write(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (key.length > MAX_PACKED_KEY_BYTES) {
      throw new ArgumentError(`store ${this.name}: a key has ${key.length} bytes, allowed are ${MAX_PACKED_KEY_BYTES}`);
    }
    const slot = this.#entries.slotOf(key);
    if (value !== null) this.#entries.put(slot, key, value, timestamp);
    else if (slot >= 0) this.#entries.remove(slot);
  }

  #read(address: number): V {
    return this.#valueCodec.deserialize(this.#entries.slabs.value(address));
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

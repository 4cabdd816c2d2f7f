import { deepFreeze } from '../../../internal/deep-freeze.ts';
import type { Codec } from '../../../serde/serde.ts';
import { encode } from '../../../serde/serde.ts';
import type { KeyRange, KeyValueEntry, KeyValueStore, ValueAndTimestamp } from '../../../state/key-value-store.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbPart } from './lmdb-part.ts';
import type { LmdbTable } from './lmdb-table.ts';
import type { OverlayEntry } from './overlay-entry.ts';
import { Overlay } from './overlay.ts';
import type { ReadCache } from './read-cache.ts';
import { StoreParts } from './store-parts.ts';

const NO_PREFIX = Buffer.alloc(0);

/** What a store on disk is made of. */
export interface LmdbStoreOptions<K, V> {
  readonly name: string;
  readonly key: Codec<K>;
  readonly value: Codec<V>;
  readonly mutates: boolean;
  readonly cache: ReadCache;
}

/** A row each: key → timestamp(8) ‖ value. Ranges look at the disk and at what is not committed, by the byte order of the keys. */
export class LmdbKeyValueStore<K, V> implements KeyValueStore<K, V>, LmdbPart {
  readonly name: string;
  readonly kind = 'key-value';
  readonly persistent = true;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #parts: StoreParts;
  readonly #overlay: Overlay<K, V>;
  #table: LmdbTable | undefined;
  #context: StoreContext | undefined;
  #isLastKnown = false;
  #lastKey: K | undefined;
  #lastEntry: OverlayEntry<K, V> | undefined;

  constructor({ name, key, value, mutates, cache }: LmdbStoreOptions<K, V>) {
    this.name = name;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#parts = new StoreParts(name, key, value);
    this.#overlay = new Overlay(this.#parts.overlayContext(this.#keys, value, cache), NO_PREFIX, undefined);
  }

  /** Looks up what is not committed. */
  get approximateEntries(): number {
    return (this.#table?.size ?? 0) + this.#overlay.addedEntries;
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  get(key: K): V | null {
    const entry = this.#overlay.find(key);
    this.#lastKey = key;
    this.#lastEntry = entry;
    this.#isLastKnown = true;
    if (entry === undefined || entry.value === null) return null;
    this.foundTimestamp = entry.timestamp;
    return entry.value;
  }

  getWithTimestamp(key: K): ValueAndTimestamp<V> | null {
    const value = this.get(key);
    return value === null ? null : { value, timestamp: this.foundTimestamp };
  }

  put(key: K, value: V | null, timestamp: number = this.#requireContext().record.timestamp): void {
    const context = this.#requireContext();
    if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const bytes = value === null ? null : encode(this.#valueCodec, value);
    const keyBytes = encode(this.#keys.codec, key);
    const found = this.#isLastKnown && key === this.#lastKey ? this.#lastEntry : 'unknown';
    this.#isLastKnown = false; // What was found (or not) is true for one put only.
    this.#overlay.put(found, key, value, timestamp, keyBytes, bytes);
    context.changelog?.log(keyBytes, bytes, timestamp);
  }

  delete(key: K): V | null {
    const value = this.get(key);
    this.put(key, null);
    return value;
  }

  range({ from, to, reverse = false }: KeyRange<K>): IterableIterator<KeyValueEntry<K, V>> {
    const bytes = (key: K | undefined): Buffer | undefined =>
      key === undefined ? undefined : Buffer.from(encode(this.#keys.codec, key));
    return this.#overlay.range(bytes(from), bytes(to), reverse);
  }

  all(): IterableIterator<KeyValueEntry<K, V>> {
    return this.range({});
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#isLastKnown = false;
    this.#overlay.restore(key, value, timestamp);
  }

  flush(): void {}

  close(): void {
    this.#isLastKnown = false;
    this.#lastEntry = undefined;
  }

  open(environment: LmdbEnvironment): Promise<void> {
    this.#table = environment.table(this.name);
    this.#overlay.open(this.#table);
    return this.#parts.load(this.#parts.readMeta(environment));
  }

  seal(): void {
    this.#parts.seal();
  }

  write(environment: LmdbEnvironment): void {
    this.#parts.write(environment);
  }

  committed(): void {
    // An entry that was deleted is forgotten now.
    this.close();
    this.#parts.committed();
  }

  reset(): void {
    this.close();
    this.#overlay.clear();
    this.#parts.reset();
    this.#table = undefined;
    this.#overlay.table = undefined;
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined || this.#table === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}

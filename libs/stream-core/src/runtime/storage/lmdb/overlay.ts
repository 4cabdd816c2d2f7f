import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import { compareOrder, type MapKey, type StoreKeys } from '../../../state/store-keys.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import { copy, type Change, type ChangeOwner, type Changes } from './changes.ts';
import { successor, type LmdbTable, type Row } from './lmdb-table.ts';
import type { Cached, ReadCache } from './read-cache.ts';

export const TIME_BYTES = 8;
/** About what an entry takes in memory beside its row. */
const ENTRY_OVERHEAD_BYTES = 200;

/** What the overlays of one store share. */
export interface OverlayContext<K, V> {
  readonly keys: StoreKeys<K>;
  readonly value: Codec<V>;
  readonly changes: Changes;
  readonly cache: ReadCache;
  /** Told the bytes of every value before they are stored. */
  readonly see: (bytes: Uint8Array) => void;
  /** Of keys. */
  readonly seeKey: (bytes: Uint8Array) => void;
}

/** An entry as a range gives it. */
export interface PresentEntry<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
}

interface OrderedEntry<K, V> {
  readonly order: string;
  readonly entry: OverlayEntry<K, V>;
}

/** A row that has been read or written: the value as the object that it is. */
export class OverlayEntry<K, V> implements Cached, ChangeOwner {
  readonly overlay: Overlay<K, V>;
  readonly mapKey: MapKey;
  readonly key: K;
  /** Null: deleted, and not yet on disk. */
  value: V | null;
  timestamp: number;
  /** It was restored and nobody has asked for it: its value is in its change, as bytes. */
  isEncoded = false;
  /** The last change that is not committed. */
  change: Change | undefined;
  bytes = 0;
  used = false;
  queued = false;
  next: Cached | undefined;

  constructor(overlay: Overlay<K, V>, mapKey: MapKey, key: K, value: V | null, timestamp: number) {
    this.overlay = overlay;
    this.mapKey = mapKey;
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
  }

  get isEvictable(): boolean {
    return this.change === undefined;
  }

  evict(): void {
    this.overlay.evict(this);
  }

  committed(change: Change): void {
    this.overlay.committed(this, change);
  }
}

/**
 * What is in memory of the rows of a table whose keys begin with `prefix`: everything that is not committed, and what was read lately. Values are
 * serialised once, when they are put; the bytes wait in `Changes`.
 */
export class Overlay<K, V> {
  /** Undefined until the first `put` of a table that is not there yet. */
  table: LmdbTable | undefined;
  readonly #context: OverlayContext<K, V>;
  readonly #prefix: Buffer;
  readonly #entries = new Map<MapKey, OverlayEntry<K, V>>();
  /** No row is on disk that is not here too: a key that is not here is nowhere. */
  #isWhole = false;

  /** `isNew`: nothing is on disk. */
  constructor(context: OverlayContext<K, V>, prefix: Buffer, table: LmdbTable | undefined, isNew = false) {
    this.#context = context;
    this.#prefix = prefix;
    this.table = table;
    this.#isWhole = isNew;
  }

  /** The key's entry, from disk when it is not here; undefined, or an entry whose value is null: there is none. */
  find(key: K): OverlayEntry<K, V> | undefined {
    const { keys, value: codec } = this.#context;
    const mapKey = keys.mapKey(key);
    const known = this.#entries.get(mapKey);
    if (known !== undefined) {
      known.used = true;
      if (known.isEncoded) this.#decode(known);
      return known;
    }
    if (this.#isWhole) return undefined;
    const row = this.table?.get(this.rowKey(encode(keys.codec, key)));
    if (row === undefined) return undefined;
    const timestamp = readInt64(row, 0);
    const value = codec.deserialize(row.subarray(TIME_BYTES));
    const entry = new OverlayEntry<K, V>(this, mapKey, key, value, timestamp);
    this.#entries.set(mapKey, entry);
    this.#offer(entry, row.length);
    return entry;
  }

  /** `found`: what `find` of this key gave just now, else 'unknown'. `keyBytes` and `bytes` are copied. */
  put(
    found: OverlayEntry<K, V> | undefined | 'unknown',
    key: K,
    value: V | null,
    timestamp: number,
    keyBytes: Uint8Array,
    bytes: Uint8Array | null,
  ): void {
    let entry = found;
    if (entry === undefined || entry === 'unknown') {
      const mapKey = this.#context.keys.mapKey(key);
      entry = entry === undefined ? undefined : this.#entries.get(mapKey);
      if (entry === undefined) {
        entry = new OverlayEntry<K, V>(this, mapKey, key, value, timestamp);
        this.#entries.set(mapKey, entry);
      }
      // Evicted between the read and this write.
    } else if (entry.change === undefined && !entry.queued) this.#entries.set(entry.mapKey, entry);
    entry.value = value;
    entry.timestamp = timestamp;
    entry.isEncoded = false;
    this.#change(entry, keyBytes, bytes, timestamp);
  }

  /** Applies a changelog record without decoding its value. Throws as the codecs do for formats that are new. */
  restore(keyBytes: Uint8Array, bytes: Uint8Array | null, timestamp: number): void {
    const { keys } = this.#context;
    const key = keys.codec.deserialize(keyBytes);
    const mapKey = keys.mapKey(key);
    if (bytes !== null) this.#context.see(bytes);
    let entry = this.#entries.get(mapKey);
    if (entry === undefined) {
      entry = new OverlayEntry<K, V>(this, mapKey, key, null, timestamp);
      this.#entries.set(mapKey, entry);
    }
    entry.value = null;
    entry.timestamp = timestamp;
    entry.isEncoded = bytes !== null;
    this.#change(entry, keyBytes, bytes, timestamp);
  }

  /** Entries that are not as on disk. */
  *dirty(): Generator<OverlayEntry<K, V>> {
    for (const change of this.#context.changes.all()) {
      const { owner } = change;
      if (owner instanceof OverlayEntry && owner.overlay === this && owner.change === change)
        yield owner as OverlayEntry<K, V>;
    }
  }

  /** How many entries there will be more than on disk, once what is not committed is there. */
  get addedEntries(): number {
    let added = 0;
    for (const { key, value, isEncoded } of this.dirty()) {
      const wasThere = this.table?.get(this.rowKey(encode(this.#context.keys.codec, key))) !== undefined;
      added += Number(value !== null || isEncoded) - Number(wasThere);
    }
    return added;
  }

  /** The same within bounds (inclusive), in the byte order of their keys. */
  dirtyWithin(low: Uint8Array | undefined, high: Uint8Array | undefined, reverse: boolean): OrderedEntry<K, V>[] {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
    const least = low === undefined ? '' : text(low);
    const most = high === undefined ? undefined : text(high);
    const ordered = Array.from(this.dirty(), (entry) => ({ order: this.#context.keys.order(entry.key), entry }))
      .filter(({ order }) => order >= least && (most === undefined || order <= most))
      .sort(compareOrder);
    return reverse ? ordered.reverse() : ordered;
  }

  /** Entries within bounds (inclusive), those on disk and those that are not yet, by the byte order of their keys: as of the call, and without those that are deleted before their turn. */
  *range(low: Uint8Array | undefined, high: Uint8Array | undefined, reverse: boolean): Generator<PresentEntry<K, V>> {
    const { keys, value: codec } = this.#context;
    const prefixBytes = this.#prefix.length;
    const dirty = this.dirtyWithin(low, high, reverse);
    let next = 0;
    for (const { key: rowKey, value: row } of this.#scan(low, high, reverse)) {
      const keyBytes = rowKey.subarray(prefixBytes);
      const order = keyBytes.toString('latin1');
      for (; next < dirty.length && isBefore((dirty[next] as OrderedEntry<K, V>).order, order, reverse); next++)
        yield* this.#present((dirty[next] as OrderedEntry<K, V>).entry);
      if (dirty[next]?.order === order) next++;
      const key = keys.codec.deserialize(keyBytes);
      const known = this.#entries.get(keys.mapKey(key));
      if (known !== undefined) yield* this.#present(known);
      else yield { key, value: codec.deserialize(row.subarray(TIME_BYTES)), timestamp: readInt64(row, 0) };
    }
    for (; next < dirty.length; next++) yield* this.#present((dirty[next] as OrderedEntry<K, V>).entry);
  }

  /** A change of an entry of this overlay is on disk. */
  committed(entry: OverlayEntry<K, V>, change: Change): void {
    if (entry.change !== change) return;
    entry.change = undefined;
    if (entry.value !== null) this.#offer(entry, change.rowLength);
    else if (entry.isEncoded) this.evict(entry);
    else this.#forget(entry);
  }

  /** It is on disk only from now on. */
  evict(entry: OverlayEntry<K, V>): void {
    this.#isWhole = false;
    this.#forget(entry);
  }

  /** Its table is there, with rows or none. */
  open(table: LmdbTable): void {
    this.table = table;
    this.#isWhole = table.size === 0;
  }

  /** Nothing is in memory any more. */
  clear(): void {
    this.#isWhole = false;
    this.#entries.clear();
  }

  /** Prefix and key; without a prefix the key itself. */
  rowKey(keyBytes: Uint8Array): Uint8Array {
    const prefix = this.#prefix;
    if (prefix.length === 0) return keyBytes;
    const row = Buffer.allocUnsafe(prefix.length + keyBytes.length);
    row.set(prefix);
    row.set(keyBytes, prefix.length);
    return row;
  }

  *#present(entry: OverlayEntry<K, V>): Generator<PresentEntry<K, V>> {
    if (entry.isEncoded) this.#decode(entry);
    const { key, value, timestamp } = entry;
    if (value !== null) yield { key, value, timestamp };
  }

  #decode(entry: OverlayEntry<K, V>): void {
    const row = entry.change?.row ?? null;
    if (row !== null) entry.value = this.#context.value.deserialize(row.subarray(TIME_BYTES));
    entry.isEncoded = false;
  }

  *#scan(low: Uint8Array | undefined, high: Uint8Array | undefined, reverse: boolean): Generator<Row> {
    const { table } = this;
    const prefix = this.#prefix;
    if (table === undefined) return;
    if (prefix.length === 0) {
      yield* table.scan({ from: low, to: high, reverse });
      return;
    }
    const from = low === undefined ? prefix : this.rowKey(low);
    const to = high === undefined ? successor(prefix) : this.rowKey(high);
    for (const row of table.scan({ from, to, reverse }))
      if (row.key.subarray(0, prefix.length).equals(prefix)) yield row;
  }

  #change(entry: OverlayEntry<K, V>, keyBytes: Uint8Array, bytes: Uint8Array | null, timestamp: number): void {
    const { changes, see, seeKey } = this.#context;
    // A codec that throws leaves no change.
    if (bytes !== null && !entry.isEncoded) see(bytes);
    let { change } = entry;
    if (change === undefined) {
      seeKey(keyBytes);
      change = entry.change = changes.add(this.table as LmdbTable, this.#prefix, keyBytes, entry);
    } else if (!changes.isCurrent(change)) change = entry.change = changes.addAgain(change, entry);
    if (bytes === null) {
      changes.removeRow(change);
      return;
    }
    changes.writeRow(change, TIME_BYTES + bytes.length);
    writeInt64(change.rowBytes, change.rowStart, timestamp);
    copy(bytes, change.rowBytes, change.rowStart + TIME_BYTES);
  }

  #forget(entry: OverlayEntry<K, V>): void {
    if (this.#entries.get(entry.mapKey) === entry) this.#entries.delete(entry.mapKey);
  }

  #offer(entry: OverlayEntry<K, V>, rowBytes: number): void {
    if (entry.queued) return;
    entry.bytes = rowBytes + ENTRY_OVERHEAD_BYTES;
    this.#context.cache.add(entry);
  }
}

const isBefore = (a: string, b: string, reverse: boolean): boolean => (reverse ? a > b : a < b);

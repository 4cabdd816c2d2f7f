import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import { compareOrder, type MapKey } from '../../../state/store-keys.ts';
import { encode } from '../../../serde/serde.ts';
import { copy, type Change } from './changes.ts';
import { DirtyOrder, ListCursor, type DirtyCursor } from './dirty-order.ts';
import { successor, type LmdbTable, type Row } from './lmdb-table.ts';
import { OverlayEntry, type EntryOwner, type OverlayContext, type PresentEntry } from './overlay-entry.ts';

export const TIME_BYTES = 8;
/** About what an entry takes in memory beside its row. */
const ENTRY_OVERHEAD_BYTES = 200;

/**
 * What is in memory of the rows of a table whose keys begin with `prefix`: everything that is not committed, and what was read lately. Values are
 * serialised once, when they are put; the bytes wait in `Changes`.
 */
export class Overlay<K, V> implements EntryOwner<K, V> {
  /** Undefined until the first `put` of a table that is not there yet. */
  table: LmdbTable | undefined;
  readonly #context: OverlayContext<K, V>;
  readonly #prefix: Buffer;
  readonly #entries = new Map<MapKey, OverlayEntry<K, V>>();
  /** Undefined: who ranges over it looks through everything that is not committed. */
  readonly #dirtyOrder: DirtyOrder<K, V> | undefined;
  /** No row is on disk that is not here too: a key that is not here is nowhere. */
  #isWhole = false;

  /** `isNew`: nothing is on disk. `isRangedOver`: ranges are as frequent as changes; they see what is put meanwhile. */
  constructor(
    context: OverlayContext<K, V>,
    prefix: Buffer,
    table: LmdbTable | undefined,
    { isNew = false, isRangedOver = false } = {},
  ) {
    this.#context = context;
    this.#prefix = prefix;
    this.table = table;
    this.#isWhole = isNew;
    if (isRangedOver) this.#dirtyOrder = new DirtyOrder();
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

  /** Entries within bounds (inclusive), those on disk and those that are not yet, by the byte order of their keys: as of the call, and without those that are deleted before their turn. */
  *range(low: Uint8Array | undefined, high: Uint8Array | undefined, reverse: boolean): Generator<PresentEntry<K, V>> {
    const { keys, value: codec } = this.#context;
    const prefixBytes = this.#prefix.length;
    const dirty = this.#dirtyWithin(low, high, reverse);
    for (const { key: rowKey, value: row } of this.#scan(low, high, reverse)) {
      const keyBytes = rowKey.subarray(prefixBytes);
      const order = keyBytes.toString('latin1');
      while (dirty.next !== undefined && isBefore(dirty.next.order, order, reverse)) yield* this.#present(dirty.take());
      if (dirty.next?.order === order) dirty.take();
      const key = keys.codec.deserialize(keyBytes);
      const known = this.#entries.get(keys.mapKey(key));
      if (known !== undefined) yield* this.#present(known);
      else yield { key, value: codec.deserialize(row.subarray(TIME_BYTES)), timestamp: readInt64(row, 0) };
    }
    while (dirty.next !== undefined) yield* this.#present(dirty.take());
  }

  /** A change of an entry of this overlay is on disk. */
  committed(entry: OverlayEntry<K, V>, change: Change): void {
    if (entry.change !== change) return;
    entry.change = undefined;
    this.#dirtyOrder?.committed();
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
    this.#dirtyOrder?.clear();
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

  #dirtyWithin(low: Uint8Array | undefined, high: Uint8Array | undefined, reverse: boolean): DirtyCursor<K, V> {
    const least = low === undefined ? '' : latin1(low);
    const most = high === undefined ? undefined : latin1(high);
    if (this.#dirtyOrder !== undefined) return this.#dirtyOrder.within(least, most, reverse);
    const ordered = Array.from(this.dirty(), (entry) => ({ order: this.#context.keys.order(entry.key), entry }))
      .filter(({ order }) => order >= least && (most === undefined || order <= most))
      .sort(compareOrder);
    return new ListCursor(reverse ? ordered.reverse() : ordered);
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
      this.#dirtyOrder?.add(latin1(keyBytes), entry);
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

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const isBefore = (a: string, b: string, reverse: boolean): boolean => (reverse ? a > b : a < b);

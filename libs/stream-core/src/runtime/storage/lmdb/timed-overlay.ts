import type { MapKey } from '../../../state/store-keys.ts';
import type { Change } from './changes.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbTable } from './lmdb-table.ts';
import type { OverlayContext } from './overlay-entry.ts';
import { Segments, SLOTS } from './segments.ts';
import type { StoreMeta } from './store-parts.ts';
import { TimedRowForm } from './timed-row-form.ts';
import { KeyRows, TimedRow, type KeyRowsOwner } from './timed-rows.ts';

/** Which rows a store has. */
export interface TimedOverlayOptions<K, V> {
  readonly name: string;
  /** What is in a segment is cleared once all of its times are so far behind. */
  readonly retentionMs: number;
  /** Length of what tells rows of one key and time apart. */
  readonly tieBytes: 0 | 4 | 8;
  readonly context: OverlayContext<K, V>;
}

/** Where a row is. */
export interface TimedPlace {
  /** The bytes of its key as latin1. */
  readonly order: string;
  readonly timeMs: number;
  readonly tie: number;
}

/**
 * As `Overlay`, for keys that have several rows: key ‖ time(8) ‖ tie → mark(1) ‖ value. What is in memory of a key's rows lies in one list: those that are not committed, and all from a time on once they
 * were asked for. The tables are emptied whole when their segment of time has expired. Nothing is read when the store is opened.
 */
export class TimedOverlay<K, V> implements KeyRowsOwner<K, V> {
  readonly #context: OverlayContext<K, V>;
  readonly #form: TimedRowForm<K, V>;
  readonly #segments: Segments;
  readonly #retentionMs: number;
  readonly #byKey = new Map<MapKey, KeyRows<K, V>>();
  /** Segments of which no row is on disk that is not here too. */
  readonly #whole = new Set<number>();
  /** From here on no row is on disk that is not here too; undefined: to be looked up. */
  #wholeFromMs: number | undefined;

  constructor({ name, retentionMs, tieBytes, context }: TimedOverlayOptions<K, V>) {
    this.#context = context;
    this.#form = new TimedRowForm(context.keys.codec, context.value, tieBytes);
    this.#segments = new Segments(name, retentionMs);
    this.#retentionMs = retentionMs;
  }

  /** Rows on disk, and those after `expiredMs` that are not yet there. Looks up what is not committed. */
  storedRows(expiredMs: number): number {
    let rows = 0;
    for (const { table } of this.#segments.inOrder()) rows += table.size;
    for (const row of this.dirty()) {
      if (row.timeMs <= expiredMs) continue;
      const { timeMs, tie } = row;
      const wasThere = !row.isNew && this.#stored(row.segment, row.rows.key, timeMs, tie) !== undefined;
      rows += Number(!row.isRemoved) - Number(wasThere);
    }
    return rows;
  }

  open(environment: LmdbEnvironment, ids: StoreMeta['ids']): void {
    this.#segments.open(environment, ids ?? []);
    this.#wholeFromMs = undefined;
  }

  reset(): void {
    this.#segments.reset();
    this.#byKey.clear();
    this.#whole.clear();
    this.#wholeFromMs = undefined;
  }

  /** The key's rows, among them all at `fromMs` and later that have not expired, removed ones too; undefined: there are none. `observedMs`: the store's time, which no row is after. */
  find(key: K, fromMs: number, observedMs: number): KeyRows<K, V> | undefined {
    const mapKey = this.#context.keys.mapKey(key);
    let rows = this.#byKey.get(mapKey);
    if (rows === undefined) {
      const wholeFromMs = this.#findWholeFrom();
      if (wholeFromMs <= fromMs) return undefined;
      rows = new KeyRows<K, V>(this, mapKey, key, wholeFromMs);
      this.#byKey.set(mapKey, rows);
    } else rows.used = true;
    if (fromMs < rows.completeFromMs) this.#read(rows, fromMs, observedMs);
    return rows;
  }

  /** The value of exactly this row; undefined: it is not there. */
  get(key: K, timeMs: number, tie: number): V | null | undefined {
    const rows = this.#byKey.get(this.#context.keys.mapKey(key));
    const row = rows?.find(timeMs, tie);
    if (row !== undefined) return row.isRemoved ? undefined : this.valueOf(row);
    if ((rows?.completeFromMs ?? this.#findWholeFrom()) <= timeMs) return undefined;
    const stored = this.#stored(this.#segments.idOf(timeMs), key, timeMs, tie);
    return stored === undefined ? undefined : this.#form.valueIn(stored);
  }

  /** Of a row that is not removed. */
  valueOf(row: TimedRow<K, V>): V | null {
    if (row.isEncoded) {
      // Its change is gone once it is committed, whatever another row of the key still has.
      const bytes = row.change?.row ?? this.#stored(row.segment, row.rows.key, row.timeMs, row.tie);
      row.value = this.#form.valueIn(bytes as Buffer);
      row.isEncoded = false;
    }
    return row.value;
  }

  /** The key's rows, so that expired ones can be cut off. `segmentMs`: the time that decides when it expires; it has not expired. `keyBytes` and `bytes` are copied. */
  put(
    key: K,
    value: V | null,
    timeMs: number,
    tie: number,
    keyBytes: Uint8Array,
    bytes: Uint8Array | null,
    segmentMs = timeMs,
  ): KeyRows<K, V> {
    if (bytes !== null) this.#context.see(bytes);
    const row = this.#rowToWrite(key, timeMs, tie, segmentMs, keyBytes);
    row.value = value;
    row.isEncoded = row.isRemoved = false;
    this.#write(row, keyBytes, bytes);
    return row.rows;
  }

  /** As `put`, of bytes that nobody may ask for: they are decoded then. Throws as the codec does for a format that is new. */
  restore(key: K, timeMs: number, tie: number, keyBytes: Uint8Array, bytes: Uint8Array): KeyRows<K, V> {
    this.#context.see(bytes);
    const row = this.#rowToWrite(key, timeMs, tie, timeMs, keyBytes);
    row.value = null;
    row.isRemoved = false;
    row.isEncoded = row.rows.hasEncoded = true;
    this.#write(row, keyBytes, bytes);
    return row.rows;
  }

  /** Of a segment that has not expired. */
  remove(key: K, timeMs: number, tie: number, keyBytes: Uint8Array, segmentMs = timeMs): void {
    const { changes, keys } = this.#context;
    const rows = this.#byKey.get(keys.mapKey(key));
    const known = rows?.find(timeMs, tie);
    if (known === undefined && (rows?.completeFromMs ?? this.#findWholeFrom()) <= timeMs) return;
    if (rows !== undefined && known?.change !== undefined && known.isNew && changes.isCurrent(known.change)) {
      changes.drop(known.change);
      rows.takenBack(known);
      return;
    }
    const row = known ?? this.#rowToWrite(key, timeMs, tie, segmentMs, keyBytes);
    row.value = null;
    row.isEncoded = false;
    row.isRemoved = true;
    changes.removeRow(this.#changeOf(row, keyBytes));
  }

  /** Rows with a change that is not committed. */
  *dirty(): Generator<TimedRow<K, V>> {
    for (const change of this.#context.changes.all()) {
      const { owner } = change;
      if (owner instanceof TimedRow && owner.change === change) yield owner as TimedRow<K, V>;
    }
  }

  /** Where there are rows of a segment, on disk or not yet, in no order and some twice. Reads the whole segment. */
  *placesIn(segment: number): Generator<TimedPlace> {
    const { keys } = this.#context;
    const { table } = this.#segments.inOrder().find(({ id }) => id === segment) ?? {};
    for (const { key } of table?.scan() ?? []) {
      const timeMs = this.#form.timeIn(key);
      if (this.#segments.idOf(timeMs) !== segment) continue;
      yield {
        order: key.toString('latin1', 0, key.length - this.#form.suffixBytes),
        timeMs,
        tie: this.#form.tieIn(key),
      };
    }
    for (const { rows, timeMs, tie, segment: id } of this.dirty())
      if (id === segment) yield { order: keys.order(rows.key), timeMs, tie };
  }

  /** Those with rows between these times, by time. */
  segmentsWithin(fromMs: number, toMs: number): number[] {
    return this.#segments.within(fromMs, toMs);
  }

  /** Whether a row lies in the segment of this time. */
  isIn({ segment }: TimedRow<K, V>, segmentMs: number): boolean {
    return segment === this.#segments.idOf(segmentMs);
  }

  /** Everything in its segment has expired. */
  isExpired({ segment }: TimedRow<K, V>, observedMs: number): boolean {
    return segment < this.#segments.idOf(observedMs - this.#retentionMs);
  }

  /** For the store's meta row. */
  encode(): readonly (number | null)[] {
    return this.#segments.encode();
  }

  settled(rows: KeyRows<K, V>): void {
    if (rows.completeFromMs === Infinity || rows.hasEncoded) this.evict(rows);
    else this.#context.cache.keep(rows, rows.sizeInBytes);
  }

  evict(rows: KeyRows<K, V>): void {
    for (const { segment } of rows.all()) if (this.#whole.delete(segment)) this.#wholeFromMs = undefined;
    if (this.#byKey.get(rows.mapKey) === rows) this.#byKey.delete(rows.mapKey);
  }

  #rowToWrite(key: K, timeMs: number, tie: number, segmentMs: number, keyBytes: Uint8Array): TimedRow<K, V> {
    const mapKey = this.#context.keys.mapKey(key);
    let rows = this.#byKey.get(mapKey);
    if (rows === undefined) this.#byKey.set(mapKey, (rows = new KeyRows(this, mapKey, key, this.#findWholeFrom())));
    let row = rows.find(timeMs, tie);
    const segment = this.#segments.idOf(segmentMs);
    if (row === undefined) {
      row = new TimedRow<K, V>(rows, timeMs, tie, segment);
      row.isNew = rows.completeFromMs <= timeMs;
      rows.add(row);
    } else if (row.segment !== segment) {
      // It expires with another segment from now on, so it leaves the table that it was in, unless that has others' rows by now.
      if (this.#segments.has(row.segment)) this.#context.changes.removeRow(this.#changeOf(row, keyBytes));
      rows.moved(row, segment);
    }
    return row;
  }

  #write(row: TimedRow<K, V>, keyBytes: Uint8Array, bytes: Uint8Array | null): void {
    const { changes } = this.#context;
    const change = this.#changeOf(row, keyBytes);
    row.rows.resized(row, keyBytes.length + this.#form.write(changes, change, bytes));
  }

  /** A current change of it. */
  #changeOf(row: TimedRow<K, V>, keyBytes: Uint8Array): Change {
    const { changes, seeKey } = this.#context;
    if (row.change === undefined) {
      seeKey(keyBytes);
      row.change = changes.add(this.#tableOf(row.segment), keyBytes, this.#form.suffix(row.timeMs, row.tie), row);
      row.rows.changed();
    } else if (!changes.isCurrent(row.change)) {
      row.change = changes.addAgain(row.change, row);
      row.isNew = false;
    }
    return row.change;
  }

  #tableOf(segment: number): LmdbTable {
    if (!this.#segments.has(segment)) {
      for (const id of this.#whole) if (id <= segment - SLOTS) this.#whole.delete(id);
      this.#whole.add(segment);
      this.#wholeFromMs = undefined;
    }
    return this.#segments.tableOf(segment, (table) => this.#context.changes.clear(table));
  }

  #findWholeFrom(): number {
    if (this.#wholeFromMs === undefined) {
      this.#wholeFromMs = -Infinity;
      for (const { id } of this.#segments.inOrder())
        if (!this.#whole.has(id)) this.#wholeFromMs = Math.max(this.#wholeFromMs, this.#segments.endOf(id));
    }
    return this.#wholeFromMs;
  }

  /** Makes the rows of a key complete from a time on. */
  #read(rows: KeyRows<K, V>, fromMs: number, observedMs: number): void {
    const { cache } = this.#context;
    const firstMs = Math.max(fromMs, 0);
    const bounds = this.#form.between(rows.key, firstMs, Math.max(observedMs, firstMs));
    // An expired one may still have rows though a later one, with what removed or replaced them, has been emptied.
    const firstSegment = this.#segments.idOf(Math.max(firstMs, observedMs - this.#retentionMs));
    for (const { table, id } of this.#segments.inOrder()) {
      if (id < firstSegment || this.#whole.has(id)) continue;
      for (const { key, value } of table.scan(bounds)) {
        // Others are of keys that begin with this one's bytes.
        if (key.length === bounds.from.length) this.#readRow(rows, key, value, id);
      }
    }
    rows.completeFromMs = fromMs;
    if (rows.isEvictable) cache.keep(rows, rows.sizeInBytes);
  }

  #readRow(rows: KeyRows<K, V>, key: Buffer, stored: Buffer, segment: number): void {
    const timeMs = this.#form.timeIn(key);
    const tie = this.#form.tieIn(key);
    if (rows.find(timeMs, tie) !== undefined) return;
    const row = new TimedRow<K, V>(rows, timeMs, tie, segment);
    row.value = this.#form.valueIn(stored);
    rows.add(row);
    rows.resized(row, key.length + stored.length);
  }

  /** As of the last commit. */
  #stored(segment: number, key: K, timeMs: number, tie: number): Buffer | undefined {
    const { table } = this.#segments.inOrder().find(({ id }) => id === segment) ?? {};
    return table?.get(this.#form.key(key, timeMs, tie));
  }
}

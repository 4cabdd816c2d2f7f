import { SortedTimes } from '../../../internal/sorted-times.ts';
import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import { KeyWindows } from '../../../state/key-windows.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import { successor, type LmdbTable } from './lmdb-table.ts';
import type { OverlayContext } from './overlay-entry.ts';
import { Overlay } from './overlay.ts';
import { Segments } from './segments.ts';
import type { StoreMeta } from './store-parts.ts';

const PREFIX_BYTES = 8;
/** Up to this many windows are looked through for those of a key; more, and the windows of each key are kept in memory from then on. */
const MAX_SEARCHED_WINDOWS = 16;

/** The windows of a store on disk: an overlay each, their starts in memory. Its own time is the greatest start put. */
export class StoredWindows<K, V> {
  readonly #context: OverlayContext<K, V>;
  readonly #retentionMs: number;
  readonly #segments: Segments;
  readonly #windows = new Map<number, Overlay<K, V>>();
  readonly #starts = new SortedTimes((startMs) => this.#windows.has(startMs));
  #byKey: KeyWindows | undefined;
  #observedMs = -1;
  #lastStartMs = -1;
  #lastWindow: Overlay<K, V> | undefined;

  constructor(name: string, retentionMs: number, context: OverlayContext<K, V>) {
    this.#context = context;
    this.#retentionMs = retentionMs;
    this.#segments = new Segments(name, retentionMs);
  }

  get storedRows(): number {
    let rows = 0;
    for (const { table } of this.#segments.inOrder()) rows += table.size;
    for (const window of this.#windows.values()) rows += window.addedEntries;
    return rows;
  }

  /** Looks up which windows there are: one seek each. */
  open(environment: LmdbEnvironment, meta: StoreMeta | undefined): void {
    this.#segments.open(environment, meta?.ids ?? []);
    this.#observedMs = meta?.observedMs ?? -1;
    for (const { table } of this.#segments.inOrder()) {
      for (const startMs of startsIn(table)) if (!this.#isExpired(startMs)) this.#add(startMs, table);
    }
  }

  get(startMs: number): Overlay<K, V> | undefined {
    if (startMs === this.#lastStartMs) return this.#lastWindow;
    const window = this.#windows.get(startMs);
    if (window !== undefined) {
      this.#lastStartMs = startMs;
      this.#lastWindow = window;
    }
    return window;
  }

  /** Moves the store's time and gives the window; undefined: it has expired. */
  toWrite(startMs: number): Overlay<K, V> | undefined {
    this.#observe(startMs);
    const known = this.get(startMs);
    if (known !== undefined) return known;
    if (this.#isExpired(startMs)) return undefined;
    return this.#add(
      startMs,
      this.#segments.tableOf(this.#segments.idOf(startMs), (table) => this.#context.changes.clear(table)),
      true,
    );
  }

  /** Starts within the bounds (inclusive), as of the call. */
  starts(fromMs: number, toMs: number, reverse: boolean): number[] {
    return this.#starts.within(fromMs, toMs, reverse);
  }

  /** As `starts`, of windows that a key may have an entry in. */
  startsOf(key: K, fromMs: number, toMs: number, reverse: boolean): number[] {
    if (this.#byKey === undefined) {
      if (this.#starts.countWithin(fromMs, toMs) <= MAX_SEARCHED_WINDOWS) return this.starts(fromMs, toMs, reverse);
      this.#byKey = new KeyWindows();
      for (const startMs of this.starts(-Infinity, Infinity, false)) {
        for (const mapKey of this.#keysOf(startMs)) this.#byKey.add(mapKey, startMs);
      }
    }
    return this.#byKey.within(this.#context.keys.mapKey(key), fromMs, toMs, reverse);
  }

  /** An entry was put or deleted. */
  noteKey(key: K, startMs: number, isDeleted: boolean): void {
    if (this.#byKey === undefined) return;
    const mapKey = this.#context.keys.mapKey(key);
    if (isDeleted) this.#byKey.delete(mapKey, startMs);
    else this.#byKey.add(mapKey, startMs);
  }

  /** Entries come without `noteKey`. */
  forgetKeys(): void {
    this.#byKey = undefined;
  }

  /** The store's time and segments now, as its meta row has them. */
  times(): Required<Pick<StoreMeta, 'observedMs' | 'ids'>> {
    return { observedMs: this.#observedMs, ids: this.#segments.encode() };
  }

  reset(): void {
    this.#segments.reset();
    this.#windows.clear();
    this.#starts.clear();
    this.#byKey = undefined;
    this.#observedMs = -1;
    this.#lastStartMs = -1;
    this.#lastWindow = undefined;
  }

  #add(startMs: number, table: LmdbTable, isNew = false): Overlay<K, V> {
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    writeInt64(prefix, 0, startMs);
    const window = new Overlay<K, V>(this.#context, prefix, table, { isNew });
    this.#starts.add(startMs);
    this.#windows.set(startMs, window);
    return window;
  }

  #isExpired(startMs: number): boolean {
    return startMs <= this.#observedMs - this.#retentionMs;
  }

  #observe(startMs: number): void {
    if (startMs <= this.#observedMs) return;
    this.#observedMs = startMs;
    for (let start = this.#starts.first; this.#isExpired(start); start = this.#starts.first) {
      if (this.#byKey !== undefined) for (const mapKey of this.#keysOf(start)) this.#byKey.delete(mapKey, start);
      this.#starts.shift();
      this.#windows.get(start)?.clear();
      this.#windows.delete(start);
      if (this.#lastStartMs === start) this.#lastStartMs = -1;
    }
  }

  *#keysOf(startMs: number): Generator {
    const window = this.#windows.get(startMs);
    for (const { key } of window?.range(undefined, undefined, false) ?? []) yield this.#context.keys.mapKey(key);
  }
}

function* startsIn(table: LmdbTable): Generator<number> {
  const seen = new Set<number>();
  let from: Buffer = Buffer.alloc(PREFIX_BYTES);
  for (let key = table.firstKey(from); key !== undefined; key = table.firstKey(from)) {
    const startMs = readInt64(key, 0);
    seen.add(startMs);
    from = successor(Buffer.from(key.subarray(0, PREFIX_BYTES)));
    if (from.length > PREFIX_BYTES) break;
  }
  for (const key of table.oddKeys()) seen.add(readInt64(key, 0));
  yield* seen;
}

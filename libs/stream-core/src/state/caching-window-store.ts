import type { RecordOrigin } from '../processor/record-origin.ts';
import { NO_ORIGIN } from '../processor/record-origin.ts';
import { Windowed } from '../serde/windowed.ts';
import { CachingStore } from './caching-store.ts';
import type { CachingOptions, FlushListener } from './caching-store.ts';
import type { MapKey } from './store-keys.ts';
import type { WindowEntry, WindowRange, WindowStore } from './window-store.ts';
import type { CacheEntry } from './write-back-cache.ts';

class Entry implements CacheEntry {
  origin: RecordOrigin = NO_ORIGIN;
  bytes = 0;
  readonly key: unknown;
  readonly mapKey: MapKey;
  readonly windowStartMs: number;
  value: unknown = null;
  timestamp = -1;

  constructor(key: unknown, mapKey: MapKey, windowStartMs: number) {
    this.key = key;
    this.mapKey = mapKey;
    this.windowStartMs = windowStartMs;
  }
}

type Store = WindowStore<unknown, unknown>;
type Row = WindowEntry<unknown, unknown>;

/** A cache in front of a window store. What is cached is seen even when the store below has forgotten its window. */
export class CachingWindowStore extends CachingStore<Entry, Store> implements Store {
  readonly kind = 'window';
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  foundTimestamp = -1;
  readonly #byKey = new Map<MapKey, Map<number, Entry>>();

  constructor(inner: Store, options: CachingOptions) {
    super(inner, options);
    this.windowSizeMs = inner.windowSizeMs;
    this.retentionMs = inner.retentionMs;
  }

  fetch(key: unknown, windowStartMs: number): unknown {
    const entry = this.#byKey.get(this.keys.mapKey(key))?.get(windowStartMs);
    if (entry === undefined) {
      const value = this.inner.fetch(key, windowStartMs);
      this.foundTimestamp = this.inner.foundTimestamp;
      return value;
    }
    this.cache.used(entry);
    this.foundTimestamp = entry.timestamp;
    return entry.value;
  }

  put(key: unknown, value: unknown, windowStartMs: number, timestamp: number): void {
    const mapKey = this.keys.mapKey(key);
    let windows = this.#byKey.get(mapKey);
    if (windows === undefined) this.#byKey.set(mapKey, (windows = new Map()));
    let entry = windows.get(windowStartMs);
    if (entry === undefined) windows.set(windowStartMs, (entry = new Entry(key, mapKey, windowStartMs)));
    entry.value = value;
    entry.timestamp = timestamp;
    this.touch(entry, key, value, timestamp);
  }

  *fetchRange(key: unknown, range: WindowRange): IterableIterator<Row> {
    const cached = this.#byKey.get(this.keys.mapKey(key));
    const below = this.inner.fetchRange(key, range);
    if (cached === undefined) yield* below;
    else yield* merge(below, cached.values(), range);
  }

  *all(range: WindowRange = {}): IterableIterator<Row> {
    if (this.cache.size === 0) {
      yield* this.inner.all(range);
      return;
    }
    const byOrder = new Map<string, { rows: Row[]; entries: Entry[] }>();
    const of = (key: unknown): { rows: Row[]; entries: Entry[] } => {
      const order = this.keys.order(key);
      let found = byOrder.get(order);
      if (found === undefined) byOrder.set(order, (found = { rows: [], entries: [] }));
      return found;
    };
    for (const row of this.inner.all(range)) of(row.key).rows.push(row);
    for (const windows of this.#byKey.values()) for (const entry of windows.values()) of(entry.key).entries.push(entry);
    const orders = [...byOrder.keys()].sort();
    const sign = range.reverse === true ? -1 : 1;
    if (sign < 0) orders.reverse();
    const merged = orders.flatMap((order) => {
      const { rows, entries } = byOrder.get(order) as { rows: Row[]; entries: Entry[] };
      return [...merge(rows, entries, range)];
    });
    yield* merged.sort((a, b) => sign * (a.windowStartMs - b.windowStartMs));
  }

  protected override forget({ mapKey, windowStartMs }: Entry): void {
    const windows = this.#byKey.get(mapKey);
    windows?.delete(windowStartMs);
    if (windows?.size === 0) this.#byKey.delete(mapKey);
  }

  protected override innerValue({ key, windowStartMs }: Entry): unknown {
    return this.inner.fetch(key, windowStartMs);
  }

  protected override valueOf({ value }: Entry): unknown {
    return value;
  }

  protected override writeInner({ key, value, windowStartMs, timestamp }: Entry): void {
    this.inner.put(key, value, windowStartMs, timestamp);
  }

  protected override forwardEntry(entry: Entry, oldValue: unknown, listener: FlushListener): void {
    const { key, value, windowStartMs, timestamp } = entry;
    listener(new Windowed(key, windowStartMs, windowStartMs + this.windowSizeMs), value, oldValue, timestamp);
  }
}

/** Rows of one key by start, those of the cache over those of the store below. */
function merge(below: Iterable<Row>, cached: Iterable<Entry>, range: WindowRange): Row[] {
  const { fromMs = -Infinity, toMs = Infinity, reverse = false } = range;
  const rows = new Map<number, Row>();
  for (const row of below) rows.set(row.windowStartMs, row);
  for (const { key, windowStartMs, value, timestamp } of cached) {
    if (windowStartMs < fromMs || windowStartMs > toMs) continue;
    if (value === null) rows.delete(windowStartMs);
    else rows.set(windowStartMs, { key, windowStartMs, value, timestamp });
  }
  const sorted = [...rows.values()].sort((a, b) => a.windowStartMs - b.windowStartMs);
  return reverse ? sorted.reverse() : sorted;
}

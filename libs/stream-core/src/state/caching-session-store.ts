import type { RecordOrigin } from '../processor/record-origin.ts';
import { NO_ORIGIN } from '../processor/record-origin.ts';
import { Windowed } from '../serde/windowed.ts';
import { CachingStore } from './caching-store.ts';
import type { CachingOptions, FlushListener } from './caching-store.ts';
import type { SessionEntry, SessionRange, SessionStore } from './session-store.ts';
import type { MapKey } from './store-keys.ts';
import type { CacheEntry } from './write-back-cache.ts';

class Entry implements CacheEntry {
  origin: RecordOrigin = NO_ORIGIN;
  bytes = 0;
  readonly key: unknown;
  readonly mapKey: MapKey;
  readonly startMs: number;
  readonly endMs: number;
  value: unknown = null;
  timestamp = -1;

  constructor(key: unknown, mapKey: MapKey, startMs: number, endMs: number) {
    this.key = key;
    this.mapKey = mapKey;
    this.startMs = startMs;
    this.endMs = endMs;
  }
}

type Store = SessionStore<unknown, unknown>;
type Row = SessionEntry<unknown, unknown>;

/** A cache in front of a session store. What is cached is seen even when the store below has forgotten its session. */
export class CachingSessionStore extends CachingStore<Entry, Store> implements Store {
  readonly kind = 'session';
  readonly retentionMs: number;
  readonly #byKey = new Map<MapKey, Map<string, Entry>>();

  constructor(inner: Store, options: CachingOptions) {
    super(inner, options);
    this.retentionMs = inner.retentionMs;
  }

  fetchSession(key: unknown, startMs: number, endMs: number): unknown {
    const entry = this.#byKey.get(this.keys.mapKey(key))?.get(boundsOf(startMs, endMs));
    return entry === undefined ? this.inner.fetchSession(key, startMs, endMs) : entry.value;
  }

  findSessions(key: unknown, earliestEndMs: number, latestStartMs: number): readonly Row[] {
    const below = this.inner.findSessions(key, earliestEndMs, latestStartMs);
    const cached = this.#byKey.get(this.keys.mapKey(key));
    if (cached === undefined) return below;
    const found = [...cached.values()].filter((e) => e.endMs >= earliestEndMs && e.startMs <= latestStartMs);
    return merge(below, found).sort(byEnd);
  }

  put(key: unknown, value: unknown, startMs: number, endMs: number, timestamp: number): void {
    const mapKey = this.keys.mapKey(key);
    let sessions = this.#byKey.get(mapKey);
    if (sessions === undefined) this.#byKey.set(mapKey, (sessions = new Map()));
    const bounds = boundsOf(startMs, endMs);
    let entry = sessions.get(bounds);
    if (entry === undefined) sessions.set(bounds, (entry = new Entry(key, mapKey, startMs, endMs)));
    entry.value = value;
    entry.timestamp = timestamp;
    this.touch(entry, key, value, timestamp);
  }

  remove(key: unknown, startMs: number, endMs: number, timestamp: number): void {
    this.put(key, null, startMs, endMs, timestamp);
  }

  *all(range: SessionRange = {}): IterableIterator<Row> {
    if (this.cache.size === 0) {
      yield* this.inner.all(range);
      return;
    }
    const { fromMs = -Infinity, toMs = Infinity, reverse = false } = range;
    const cached = [...this.#byKey.values()].flatMap((sessions) => [...sessions.values()]);
    const rows = merge(
      [...this.inner.all(range)],
      cached.filter(({ endMs }) => endMs >= fromMs && endMs <= toMs),
      (key) => this.keys.order(key),
    );
    const ordered = rows.map((row) => ({ order: this.keys.order(row.key), row }));
    ordered.sort((a, b) => {
      if (a.row.endMs !== b.row.endMs) return a.row.endMs - b.row.endMs;
      if (a.order !== b.order) return a.order < b.order ? -1 : 1;
      return a.row.startMs - b.row.startMs;
    });
    if (reverse) ordered.reverse();
    for (const { row } of ordered) yield row;
  }

  protected override forget({ mapKey, startMs, endMs }: Entry): void {
    const sessions = this.#byKey.get(mapKey);
    sessions?.delete(boundsOf(startMs, endMs));
    if (sessions?.size === 0) this.#byKey.delete(mapKey);
  }

  protected override innerValue({ key, startMs, endMs }: Entry): unknown {
    return this.inner.fetchSession(key, startMs, endMs);
  }

  protected override valueOf({ value }: Entry): unknown {
    return value;
  }

  protected override writeInner({ key, value, startMs, endMs, timestamp }: Entry): void {
    this.inner.put(key, value, startMs, endMs, timestamp);
  }

  protected override forwardEntry(entry: Entry, oldValue: unknown, listener: FlushListener): void {
    const { key, value, startMs, endMs } = entry;
    listener(new Windowed(key, startMs, endMs), value, oldValue, endMs);
  }
}

const boundsOf = (startMs: number, endMs: number): string => `${startMs}:${endMs}`;

const byEnd = (a: Row, b: Row): number => a.endMs - b.endMs || a.startMs - b.startMs;

/** Sessions of the cache over those of the store below; `order` tells keys apart where there are several. */
function merge(below: readonly Row[], cached: readonly Entry[], order: (key: unknown) => string = () => ''): Row[] {
  const rows = new Map<string, Row>();
  const place = ({ key, startMs, endMs }: Pick<Row, 'key' | 'startMs' | 'endMs'>): string =>
    `${boundsOf(startMs, endMs)}:${order(key)}`;
  for (const row of below) rows.set(place(row), row);
  for (const entry of cached) {
    if (entry.value === null) rows.delete(place(entry));
    else rows.set(place(entry), { key: entry.key, startMs: entry.startMs, endMs: entry.endMs, value: entry.value });
  }
  return [...rows.values()];
}

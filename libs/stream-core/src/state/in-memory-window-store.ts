import { deepFreeze } from '../internal/deep-freeze.ts';
import type { Codec } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import type { InMemoryStoreOptions } from './in-memory-key-value-store.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { StoreContext } from './state-store.ts';
import { compareOrder, StoreKeys } from './store-keys.ts';
import { WindowKeyWriter, readWindowKey } from './window-store-keys.ts';
import type { WindowEntries } from './window-entries.ts';
import { WindowMap } from './window-map.ts';
import type { WindowEntry, WindowRange, WindowStore } from './window-store.ts';

/** What a window store in memory is made of. */
export interface InMemoryWindowStoreOptions<K, V> extends InMemoryStoreOptions<K, V> {
  readonly windowSizeMs: number;
  readonly retentionMs: number;
}

/** Entries by window. A `put` that follows the `fetch` of the same key and window does not look it up again. */
export class InMemoryWindowStore<K, V> implements WindowStore<K, V> {
  readonly name: string;
  readonly kind = 'window';
  readonly persistent = false;
  readonly windowSizeMs: number;
  readonly retentionMs: number;
  foundTimestamp = -1;
  readonly #keys: StoreKeys<K>;
  readonly #valueCodec: Codec<V>;
  readonly #mutates: boolean;
  readonly #windows: WindowMap<K, V>;
  readonly #keyWriter = new WindowKeyWriter();
  #context: StoreContext | undefined;
  #lastKey: K | undefined;
  #lastStartMs = -1;
  #lastWindow: WindowEntries<K, V> | undefined;
  #lastSlot = -1;

  constructor({ name, key, value, mutates, windowSizeMs, retentionMs }: InMemoryWindowStoreOptions<K, V>) {
    this.name = name;
    this.windowSizeMs = windowSizeMs;
    this.retentionMs = retentionMs;
    this.#keys = new StoreKeys(key);
    this.#valueCodec = value;
    this.#mutates = mutates;
    this.#windows = new WindowMap(retentionMs);
  }

  get approximateEntries(): number {
    return this.#windows.size;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  fetch(key: K, windowStartMs: number): V | null {
    const window = this.#windows.get(windowStartMs);
    const slot = window === undefined ? -1 : window.slotOf(this.#keys.mapKey(key));
    this.#lastKey = key;
    this.#lastStartMs = windowStartMs;
    this.#lastWindow = window;
    this.#lastSlot = slot;
    if (window === undefined || slot < 0) return null;
    this.foundTimestamp = window.timestampAt(slot);
    return window.valueAt(slot);
  }

  put(key: K, value: V | null, windowStartMs: number, timestamp: number): void {
    const context = this.#context;
    if (context === undefined) refuseNotOpen(this.name);
    if (!this.#set(key, value, windowStartMs, timestamp)) context.countDropped('expired-window-record');
    else if (context.freezeValues && !this.#mutates) deepFreeze(value);
    const { changelog } = context;
    if (changelog !== undefined) {
      const bytes = value === null ? null : encode(this.#valueCodec, value);
      const keyBytes = encode(this.#keys.codec, key);
      changelog.log(this.#keyWriter.write(keyBytes, windowStartMs, 0), bytes, timestamp);
    }
  }

  *fetchRange(key: K, range: WindowRange): IterableIterator<WindowEntry<K, V>> {
    const mapKey = this.#keys.mapKey(key);
    const { fromMs = -Infinity, toMs = Infinity, reverse = false } = range;
    for (const windowStartMs of this.#windows.startsOf(mapKey, fromMs, toMs, reverse)) {
      const window = this.#windows.get(windowStartMs);
      const slot = window?.slotOf(mapKey) ?? -1;
      if (window !== undefined && slot >= 0) yield entryAt(window, slot, windowStartMs);
    }
  }

  *all(range: WindowRange = {}): IterableIterator<WindowEntry<K, V>> {
    for (const windowStartMs of this.#startsOf(range)) {
      const window = this.#windows.get(windowStartMs);
      if (window === undefined) continue;
      const ordered = Array.from(window.slots(), (slot) => {
        const key = window.keyAt(slot);
        return { order: this.#keys.order(key), key, slot };
      }).sort(compareOrder);
      if (range.reverse === true) ordered.reverse();
      for (const { key, slot } of ordered) {
        if (window.keyAt(slot) === key && window.valueAt(slot) !== null) yield entryAt(window, slot, windowStartMs);
      }
    }
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const { key: keyBytes, startMs } = readWindowKey(key);
    const restored = value === null ? null : this.#valueCodec.deserialize(value);
    this.#set(this.#keys.codec.deserialize(keyBytes), restored, startMs, timestamp);
  }

  flush(): void {}

  close(): void {
    this.#windows.clear();
    this.#lastWindow = undefined;
    this.#lastStartMs = -1;
  }

  #startsOf({ fromMs = -Infinity, toMs = Infinity, reverse = false }: WindowRange): number[] {
    return this.#windows.starts(fromMs, toMs, reverse);
  }

  /** False: the window has expired and nothing was stored. */
  #set(key: K, value: V | null, startMs: number, timestamp: number): boolean {
    const windows = this.#windows;
    windows.observe(startMs);
    if (windows.isExpired(startMs)) return false;
    const isLast = key === this.#lastKey && startMs === this.#lastStartMs;
    const window = isLast ? this.#lastWindow : windows.get(startMs);
    // What was found (or not) is true for one put only.
    this.#lastStartMs = -1;
    if (value === null) {
      windows.delete(startMs, this.#keys.mapKey(key));
      return true;
    }
    const slot = isLast ? this.#lastSlot : (window?.slotOf(this.#keys.mapKey(key)) ?? -1);
    if (window === undefined || slot < 0) windows.add(startMs, this.#keys.mapKey(key), key, value, timestamp);
    else window.update(slot, value, timestamp);
    return true;
  }
}

const entryAt = <K, V>(window: WindowEntries<K, V>, slot: number, windowStartMs: number): WindowEntry<K, V> => ({
  key: window.keyAt(slot),
  windowStartMs,
  value: window.valueAt(slot) as V,
  timestamp: window.timestampAt(slot),
});

import { SortedTimes } from '../internal/sorted-times.ts';
import { KeyWindows } from './key-windows.ts';
import type { MapKey } from './store-keys.ts';
import { WindowEntries } from './window-entries.ts';

/** Up to this many windows are looked through for those of a key; more, and the windows of each key are kept from then on. */
const MAX_SEARCHED_WINDOWS = 16;

/** One `WindowEntries` per window, so that a window expires by being dropped whole. Its own time is the greatest start put. */
export class WindowMap<K, V> {
  readonly #windows = new Map<number, WindowEntries<K, V>>();
  readonly #retentionMs: number;
  readonly #starts = new SortedTimes((startMs) => this.#windows.has(startMs));
  #byKey: KeyWindows | undefined;
  #observedMs = -1;
  #entries = 0;
  /** The window asked for last: most records go to the same one. */
  #lastStartMs = -1;
  #lastWindow: WindowEntries<K, V> | undefined;

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  get size(): number {
    return this.#entries;
  }

  isExpired(startMs: number): boolean {
    return startMs <= this.#observedMs - this.#retentionMs;
  }

  get(startMs: number): WindowEntries<K, V> | undefined {
    if (startMs === this.#lastStartMs) return this.#lastWindow;
    const window = this.#windows.get(startMs);
    if (window !== undefined) this.#remember(startMs, window);
    return window;
  }

  /** Moves the store's time and drops the windows that expire by it. */
  observe(startMs: number): void {
    if (startMs <= this.#observedMs) return;
    this.#observedMs = startMs;
    const starts = this.#starts;
    for (let start = starts.first; this.isExpired(start); start = starts.first) {
      starts.shift();
      this.#expire(start);
    }
  }

  /** Of a key that the window does not have. */
  add(startMs: number, mapKey: MapKey, key: K, value: V, timestamp: number): void {
    let window = this.get(startMs);
    if (window === undefined) {
      this.#starts.add(startMs);
      window = new WindowEntries();
      this.#windows.set(startMs, window);
    }
    window.add(mapKey, key, value, timestamp);
    this.#byKey?.add(mapKey, startMs);
    this.#entries++;
  }

  /** Deletes an entry, and its window with the last one. */
  delete(startMs: number, mapKey: MapKey): void {
    const window = this.#windows.get(startMs);
    if (window?.delete(mapKey) !== true) return;
    this.#entries--;
    this.#byKey?.delete(mapKey, startMs);
    if (window.size > 0) return;
    this.#windows.delete(startMs);
    this.#remember(-1, undefined);
    this.#starts.forget();
  }

  /** Starts within the bounds (inclusive), as of the call. */
  starts(fromMs: number, toMs: number, reverse: boolean): number[] {
    return this.#starts.within(fromMs, toMs, reverse);
  }

  /** As `starts`, of windows that a key may have an entry in. */
  startsOf(mapKey: MapKey, fromMs: number, toMs: number, reverse: boolean): number[] {
    if (this.#byKey === undefined) {
      if (this.#starts.countWithin(fromMs, toMs) <= MAX_SEARCHED_WINDOWS) return this.starts(fromMs, toMs, reverse);
      const byKey = new KeyWindows();
      for (const start of this.starts(-Infinity, Infinity, false)) {
        for (const key of this.#windows.get(start)?.mapKeys() ?? []) byKey.add(key, start);
      }
      this.#byKey = byKey;
    }
    return this.#byKey.within(mapKey, fromMs, toMs, reverse);
  }

  clear(): void {
    this.#windows.clear();
    this.#starts.clear();
    this.#byKey = undefined;
    this.#entries = 0;
    this.#observedMs = -1;
    this.#remember(-1, undefined);
  }

  #expire(startMs: number): void {
    const window = this.#windows.get(startMs);
    if (window === undefined) return;
    this.#entries -= window.size;
    this.#windows.delete(startMs);
    if (this.#lastStartMs === startMs) this.#remember(-1, undefined);
    if (this.#byKey !== undefined) for (const mapKey of window.mapKeys()) this.#byKey.delete(mapKey, startMs);
  }

  #remember(startMs: number, window: WindowEntries<K, V> | undefined): void {
    this.#lastStartMs = startMs;
    this.#lastWindow = window;
  }
}

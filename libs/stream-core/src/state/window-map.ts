import { lowerBound } from '../internal/lower-bound.ts';
import type { StoreEntry } from './sorted-entries.ts';
import type { MapKey } from './store-keys.ts';

/** The entries of one window. */
export type WindowEntries<K, V> = Map<MapKey, StoreEntry<K, V>>;

/** One Map per window, so that a window expires by being dropped whole. Its own time is the greatest start put. */
export class WindowMap<K, V> {
  readonly #windows = new Map<number, WindowEntries<K, V>>();
  readonly #retentionMs: number;
  /** Ascending. */
  #starts: number[] = [];
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
    let expired = 0;
    for (const start of this.#starts) {
      if (!this.isExpired(start)) break;
      this.#entries -= this.#windows.get(start)?.size ?? 0;
      this.#windows.delete(start);
      expired++;
    }
    if (expired === 0) return;
    this.#starts = this.#starts.slice(expired);
    this.#remember(-1, undefined);
  }

  set(startMs: number, mapKey: MapKey, entry: StoreEntry<K, V>): void {
    let window = this.get(startMs);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(startMs, window);
      let at = this.#starts.length;
      while (at > 0 && (this.#starts[at - 1] as number) > startMs) at--;
      this.#starts.splice(at, 0, startMs);
    }
    window.set(mapKey, entry);
    this.#entries++;
  }

  /** Deletes an entry, and its window with the last one. */
  delete(startMs: number, mapKey: MapKey): void {
    const window = this.#windows.get(startMs);
    if (window?.delete(mapKey) !== true) return;
    this.#entries--;
    if (window.size > 0) return;
    this.#windows.delete(startMs);
    this.#remember(-1, undefined);
    this.#starts = this.#starts.filter((start) => start !== startMs);
  }

  /** Starts within the bounds (inclusive), as of the call. */
  starts(fromMs: number, toMs: number, reverse: boolean): number[] {
    const starts = this.#starts.slice(lowerBound(this.#starts, fromMs), lowerBound(this.#starts, toMs + 1));
    return reverse ? starts.reverse() : starts;
  }

  clear(): void {
    this.#windows.clear();
    this.#starts = [];
    this.#entries = 0;
    this.#observedMs = -1;
    this.#remember(-1, undefined);
  }

  #remember(startMs: number, window: WindowEntries<K, V> | undefined): void {
    this.#lastStartMs = startMs;
    this.#lastWindow = window;
  }
}

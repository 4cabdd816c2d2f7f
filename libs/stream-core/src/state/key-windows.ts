import { lowerBound } from '../internal/lower-bound.ts';
import type { MapKey } from './store-keys.ts';

/** Which windows each key has, by their starts: for stores where windows are many and a key has few of them, as with sliding windows. */
export class KeyWindows {
  /** Ascending. */
  readonly #starts = new Map<MapKey, number[]>();

  add(mapKey: MapKey, startMs: number): void {
    const starts = this.#starts.get(mapKey);
    if (starts === undefined) {
      this.#starts.set(mapKey, [startMs]);
      return;
    }
    let at = starts.length;
    while (at > 0 && (starts[at - 1] as number) > startMs) at--;
    if (starts[at - 1] !== startMs) starts.splice(at, 0, startMs);
  }

  delete(mapKey: MapKey, startMs: number): void {
    const starts = this.#starts.get(mapKey);
    if (starts === undefined) return;
    const at = lowerBound(starts, startMs);
    if (starts[at] !== startMs) return;
    if (starts.length === 1) this.#starts.delete(mapKey);
    else starts.splice(at, 1);
  }

  /** Starts within the bounds (inclusive), as of the call. */
  within(mapKey: MapKey, fromMs: number, toMs: number, reverse: boolean): number[] {
    const starts = this.#starts.get(mapKey);
    if (starts === undefined) return [];
    const found = starts.slice(lowerBound(starts, fromMs), lowerBound(starts, toMs + 1));
    return reverse ? found.reverse() : found;
  }
}

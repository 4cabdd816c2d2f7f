import type { MapKey } from './store-keys.ts';

/** Expired rows are cut off once there are this many of them and they are the greater part. */
const MIN_CUT = 16;

/** The records of one key by time; those of one time in the order they were added. */
export class JoinRows<V> {
  /** The store's key of it. */
  readonly mapKey: MapKey;
  /** For the store: the segment of time that knows of it since the last addition. */
  lastSegment = NaN;
  // Made with the first row: an empty array would get room for 17 with it, and many keys have one or two.
  #timestamps: number[];
  #values: V[];
  /** What tells rows of one time apart in the changelog. */
  #sequences: number[];
  /** Rows before it have expired. */
  #first = 0;

  constructor(mapKey: MapKey, value: V, timestamp: number, sequence: number) {
    this.mapKey = mapKey;
    this.#timestamps = [timestamp];
    this.#values = [value];
    this.#sequences = [sequence];
  }

  get size(): number {
    return this.#timestamps.length - this.#first;
  }

  timestampAt(index: number): number {
    return this.#timestamps[index] as number;
  }

  valueAt(index: number): V {
    return this.#values[index] as V;
  }

  /** Records come nearly in order, so the place is looked for from the end. */
  add(value: V, timestamp: number, sequence: number): void {
    const timestamps = this.#timestamps;
    let at = timestamps.length;
    while (at > this.#first && (timestamps[at - 1] as number) > timestamp) at--;
    if (at === timestamps.length) {
      timestamps.push(timestamp);
      this.#values.push(value);
      this.#sequences.push(sequence);
    } else {
      timestamps.splice(at, 0, timestamp);
      this.#values.splice(at, 0, value);
      this.#sequences.splice(at, 0, sequence);
    }
  }

  /** As the changelog has it: the later one of two records with the same time and sequence is the row. False: there is none yet. */
  replace(value: V, timestamp: number, sequence: number): boolean {
    for (let at = this.firstAt(timestamp); this.#timestamps[at] === timestamp; at++) {
      if (this.#sequences[at] !== sequence) continue;
      this.#values[at] = value;
      return true;
    }
    return false;
  }

  /** Index of the first row at `timestamp` or later. */
  firstAt(timestamp: number): number {
    const timestamps = this.#timestamps;
    let low = this.#first;
    let high = timestamps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timestamps[middle] as number) < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the rows at `timestamp` and before. */
  dropUpTo(timestamp: number): void {
    if ((this.#timestamps[this.#first] ?? Infinity) > timestamp) return;
    this.#first = this.firstAt(timestamp + 1);
    if (this.#first < MIN_CUT || this.#first * 2 < this.#timestamps.length) return;
    this.#timestamps = this.#timestamps.slice(this.#first);
    this.#values = this.#values.slice(this.#first);
    this.#sequences = this.#sequences.slice(this.#first);
    this.#first = 0;
  }
}

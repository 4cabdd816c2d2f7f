import { lowerBound } from './lower-bound.ts';

/** What was taken from the front or forgotten in the middle is cut out once there is this much of it and it is the greater part: so it costs a constant time each. */
const MIN_CUT = 64;

/**
 * Distinct times in ascending order, of entries that come and go nearly in order and expire from the front. A time that is forgotten stays in its place for a while and is left out by `isAlive`.
 */
export class SortedTimes {
  readonly #isAlive: (time: number) => boolean;
  #times: number[] = [];
  /** Times before it have been taken. */
  #first = 0;
  #forgotten = 0;

  /** `isAlive` says of a time that was added whether it has been forgotten since. */
  constructor(isAlive: (time: number) => boolean) {
    this.#isAlive = isAlive;
  }

  /** The least one, even if it has been forgotten; Infinity: there is none. */
  get first(): number {
    return this.#times[this.#first] ?? Infinity;
  }

  /** Call it before `isAlive` says yes. */
  add(time: number): void {
    const times = this.#times;
    if (times.length === this.#first || time > (times[times.length - 1] as number)) {
      times.push(time);
      return;
    }
    const at = this.#placeOf(time);
    if (times[at] === time) this.#forgotten--;
    else times.splice(at, 0, time);
  }

  /** Call it when `isAlive` says no. */
  forget(): void {
    this.#forgotten++;
    if (this.#forgotten < MIN_CUT || this.#forgotten * 2 < this.#times.length - this.#first) return;
    this.#times = this.#times.slice(this.#first).filter(this.#isAlive);
    this.#first = 0;
    this.#forgotten = 0;
  }

  /** Takes the least one; call it before `isAlive` says no. */
  shift(): void {
    if (!this.#isAlive(this.first)) this.#forgotten--;
    this.#first++;
    if (this.#first < MIN_CUT || this.#first * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
  }

  /** How many there are within the bounds (inclusive), forgotten ones included. */
  countWithin(fromMs: number, toMs: number): number {
    return Math.max(0, this.#placeOf(toMs + 1) - this.#placeOf(fromMs));
  }

  /** Those within the bounds (inclusive), as of the call. */
  within(fromMs: number, toMs: number, reverse: boolean): number[] {
    const found = this.#times.slice(this.#placeOf(fromMs), this.#placeOf(toMs + 1));
    const alive = this.#forgotten === 0 ? found : found.filter(this.#isAlive);
    return reverse ? alive.reverse() : alive;
  }

  clear(): void {
    this.#times = [];
    this.#first = 0;
    this.#forgotten = 0;
  }

  #placeOf(time: number): number {
    return lowerBound(this.#times, time, this.#first);
  }
}

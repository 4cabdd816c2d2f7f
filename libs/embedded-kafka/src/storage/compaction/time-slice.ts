import { setTimeout as pause } from 'node:timers/promises';

/** The longest stretch of work before requests get their turn; one batch is never interrupted. A request goes through the broker several times before it is answered to the end, and may meet a slice each time. */
const SLICE_MS = 1;
/** How long it rests, in slices. */
const REST = 4;
/** Records between two looks at the clock. */
const RECORDS_PER_LOOK = 64;

/** Divides long work: a slice of it, then a rest four times as long, so that it takes a fifth of the processor's time at most. */
export class TimeSlice {
  #startedAt = performance.now();
  #longestMs = 0;

  /** The longest slice so far, milliseconds: what a request had to wait for at most. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Whether it is time to rest; to be asked after each batch. */
  get isOver(): boolean {
    return performance.now() - this.#startedAt >= SLICE_MS;
  }

  /** The same for the record of that number in its batch: the clock is looked at now and then. */
  isOverAt(record: number): boolean {
    return record % RECORDS_PER_LOOK === RECORDS_PER_LOOK - 1 && this.isOver;
  }

  async rest(): Promise<void> {
    const workedMs = this.#end();
    await pause(REST * workedMs);
    this.#startedAt = performance.now();
  }

  /** Waits for work that others do. */
  async whileWaiting<T>(work: Promise<T>): Promise<T> {
    this.#end();
    const result = await work;
    this.#startedAt = performance.now();
    return result;
  }

  #end(): number {
    const workedMs = performance.now() - this.#startedAt;
    if (workedMs > this.#longestMs) this.#longestMs = workedMs;
    return workedMs;
  }
}

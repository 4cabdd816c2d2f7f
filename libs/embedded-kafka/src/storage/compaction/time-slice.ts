import { setTimeout as pause } from 'node:timers/promises';

/** The longest stretch of work before requests get their turn; one batch is never interrupted. A request goes through the broker several times before it is answered to the end, and may meet a slice each time. */
const SLICE_MS = 1;
/** The same where requests keep the processor for so long at a time that a slice after each would be far less than its part: logs would grow for ever. */
const MAX_SLICE_MS = 4;
/** How long it rests, in slices. */
const REST = 4;
/** Records between two looks at the clock. */
const RECORDS_PER_LOOK = 64;

/**
 * Divides long work: a slice of it, then a rest four times as long, so that it takes a fifth of the processor's time at most. Where a rest took longer than it
 * was to, the next slice is longer by a fourth of that.
 */
export class TimeSlice {
  #startedAt = performance.now();
  #longestMs = 0;
  #sliceMs = SLICE_MS;
  readonly #signal: AbortSignal | undefined;

  /** The signal ends a rest: who stops does not wait for it. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** The longest slice so far, milliseconds: what a request had to wait for at most. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Whether it is time to rest; to be asked after each batch. */
  get isOver(): boolean {
    return performance.now() - this.#startedAt >= this.#sliceMs;
  }

  /** The same for the record of that number in its batch: the clock is looked at now and then. */
  isOverAt(record: number): boolean {
    return record % RECORDS_PER_LOOK === RECORDS_PER_LOOK - 1 && this.isOver;
  }

  async rest(): Promise<void> {
    const dueMs = REST * this.#end();
    const endedAt = performance.now();
    try {
      await pause(dueMs, undefined, { signal: this.#signal });
    } catch (error) {
      if (this.#signal?.aborted !== true) throw error;
    }
    this.#startedAt = performance.now();
    const tooLongMs = Math.max(0, this.#startedAt - endedAt - dueMs);
    this.#sliceMs = Math.min(MAX_SLICE_MS, SLICE_MS + Math.floor(tooLongMs / REST));
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

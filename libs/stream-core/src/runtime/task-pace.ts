/** Most records a task may process before the next task has its turn. */
const MAX_RECORDS = 4_096;
/** Of a task about which nothing is known yet. */
const FIRST_RECORDS = 1;
/** The longest slice that may be set (`sliceMs`). */
const FULL_SLICE_MS = 10;

/**
 * How many records of a task fit into what is left of a slice, by what the last ones took: a task asks between some records
 * only whether to stop, and those must not take longer than the slice when each of them is slow.
 */
export class TaskPace {
  #msPerRecord = 0;
  #limit = FIRST_RECORDS;

  /** At least one. */
  recordsIn(leftMs: number): number {
    if (this.#msPerRecord === 0) return this.#limit;
    return Math.max(1, Math.min(this.#limit, Math.floor(leftMs / this.#msPerRecord)));
  }

  /** `records` took so long. What becomes slower is believed at once, what becomes faster at most twice as many records at a time. */
  note(records: number, tookMs: number): void {
    this.#msPerRecord = tookMs / records;
    if (records >= this.#limit) this.#limit = Math.min(MAX_RECORDS, this.#limit * 2);
    if (this.#msPerRecord > 0)
      this.#limit = Math.max(1, Math.min(this.#limit, Math.ceil(FULL_SLICE_MS / this.#msPerRecord)));
  }
}

import type { ProduceBatch } from './produce-batch.ts';

/** Compact the list when that many of its first entries are done. */
const COMPACT_AT = 1_024;

/** Knows up to which mark everything is settled, and wakes those who wait for a mark. A mark counts appended records. */
export class AckMarks {
  /** In order of their first marks; bounded, as batches are, by the producer's `maxBufferedBytes`. */
  readonly #batches: ProduceBatch[] = [];
  #head = 0;
  #position = 0;
  /** In order of their marks; one per caller that waits. */
  #waiters: { readonly mark: number; readonly resolve: () => void }[] = [];

  /** Records appended so far. */
  get position(): number {
    return this.#position;
  }

  /** Everything before this mark is settled. */
  get settled(): number {
    return this.#batches[this.#head]?.firstMark ?? this.#position;
  }

  /** A batch begins with the next record. */
  begin(batch: ProduceBatch): void {
    this.#batches.push(batch);
  }

  count(): void {
    this.#position++;
  }

  /** Batches have been settled. Returns true if `settled` has moved. */
  advance(): boolean {
    const before = this.#head;
    while (this.#batches[this.#head]?.state === 'done') this.#head++;
    if (this.#head === before) return false;
    if (this.#head >= COMPACT_AT || this.#head === this.#batches.length) {
      this.#batches.splice(0, this.#head);
      this.#head = 0;
    }
    const { settled } = this;
    const ready = this.#waiters.filter(({ mark }) => mark <= settled);
    if (ready.length > 0) this.#waiters = this.#waiters.filter(({ mark }) => mark > settled);
    for (const { resolve } of ready) resolve();
    return true;
  }

  /** Resolves when everything before `mark` is settled. */
  reached(mark: number): Promise<void> {
    if (mark <= this.settled) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ mark, resolve }));
  }
}

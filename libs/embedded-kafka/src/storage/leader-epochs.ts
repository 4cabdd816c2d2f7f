/** An epoch and the first offset written in it. */
export type EpochStart = readonly [epoch: number, startOffset: number];

/** What OffsetForLeaderEpoch answers: the epoch that was found and the offset after its last record. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

const UNDEFINED: EpochEnd = { epoch: -1, endOffset: -1 };

/**
 * The leader epochs of one partition (KIP-101). One broker leads everything, so a new epoch begins only when a log had to be recovered: a client that
 * read a tail which did not survive can find out where its view and the log part.
 */
export class LeaderEpochs {
  /** Rising in both columns; only epochs that hold records. */
  #starts: EpochStart[];
  #current: number;

  constructor(current = 0, starts: readonly EpochStart[] = []) {
    this.#current = current;
    this.#starts = [...starts];
  }

  get current(): number {
    return this.#current;
  }

  /** Begins the next epoch. */
  begin(): void {
    this.#current++;
  }

  /** Notes that a batch of an epoch starts at an offset. */
  note(epoch: number, offset: number): void {
    const last = this.#starts.at(-1);
    if (last !== undefined && last[0] >= epoch) return;
    this.#starts.push([epoch, offset]);
    if (epoch > this.#current) this.#current = epoch;
  }

  /** The epoch of the record at an offset below `nextOffset`; the current one for what is still to be written. */
  at(offset: number, nextOffset: number): number {
    if (offset >= nextOffset) return this.#current;
    return this.#starts.findLast(([, start]) => start <= offset)?.[0] ?? this.#current;
  }

  /** The end of the greatest epoch that is not above the requested one; the current epoch ends at `nextOffset`. */
  endOf(epoch: number, nextOffset: number): EpochEnd {
    if (epoch < 0 || epoch > this.#current) return UNDEFINED;
    if (epoch === this.#current) return { epoch, endOffset: nextOffset };
    const after = this.#starts.findIndex(([start]) => start > epoch);
    const endOffset = after === -1 ? nextOffset : (this.#starts[after]?.[1] ?? nextOffset);
    const found = after === -1 ? this.#starts.at(-1) : this.#starts[after - 1];
    return { epoch: found?.[0] ?? epoch, endOffset };
  }

  /** Forgets epochs that ended before the log's start. */
  trim(logStartOffset: number): void {
    const firstKept = this.#starts.findLastIndex(([, start]) => start <= logStartOffset);
    if (firstKept > 0) this.#starts = this.#starts.slice(firstKept);
  }

  snapshot(): { readonly current: number; readonly starts: readonly EpochStart[] } {
    return { current: this.#current, starts: [...this.#starts] };
  }
}

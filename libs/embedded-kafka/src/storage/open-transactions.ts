/** A transaction that has records in the partition and no marker yet. */
export interface OpenTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

interface Opening extends OpenTransaction {
  /** What the log had been appended since the start when this began: how far a waiting reader of committed records may count. */
  readonly appendedBytesBefore: number;
}

/** The open transactions of one partition, at most one a producer. The oldest holds the last stable offset. */
export class OpenTransactions {
  /** By producer, in the order of their first offsets, which is the order in which they began. */
  readonly #byProducer = new Map<number, Opening>();

  get size(): number {
    return this.#byProducer.size;
  }

  has(producerId: number): boolean {
    return this.#byProducer.has(producerId);
  }

  /** The oldest one's first offset, or `nextOffset` when there is none. */
  stableBefore(nextOffset: number): number {
    for (const { firstOffset } of this.#byProducer.values()) return firstOffset;
    return nextOffset;
  }

  /** Of the bytes appended since the start, those before the oldest one. */
  stableBytes(appendedBytes: number): number {
    for (const { appendedBytesBefore } of this.#byProducer.values()) return appendedBytesBefore;
    return appendedBytes;
  }

  /** Notes a transactional batch: the first one of its producer begins the transaction here. */
  note(producerId: number, firstOffset: number, appendedBytesBefore: number): void {
    if (!this.has(producerId)) this.#byProducer.set(producerId, { producerId, firstOffset, appendedBytesBefore });
  }

  /** Ends a producer's transaction; answers its first offset, or null when there was none here. */
  end(producerId: number): number | null {
    const opening = this.#byProducer.get(producerId);
    this.#byProducer.delete(producerId);
    return opening?.firstOffset ?? null;
  }

  /** The log ends at an offset: forgets those that begin after it, and has those again whose ends lay after it. */
  cut(nextOffset: number, reopened: readonly OpenTransaction[]): void {
    const open = [...this.all(), ...reopened].filter(({ firstOffset }) => firstOffset < nextOffset);
    this.#byProducer.clear();
    for (const { producerId, firstOffset } of open.sort((a, b) => a.firstOffset - b.firstOffset))
      this.note(producerId, firstOffset, 0);
  }

  all(): OpenTransaction[] {
    return Array.from(this.#byProducer.values(), ({ producerId, firstOffset }) => ({ producerId, firstOffset }));
  }
}

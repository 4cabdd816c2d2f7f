interface Tentative {
  readonly epoch: number;
  readonly lowestSequence: number;
}

/**
 * The lowest sequence that each producer has tried to begin a transaction with in one partition (KIP-890). While nothing is written the partition cannot
 * tell a gap by what it has: when a batch was refused because its transaction was not there yet, those behind it must not be taken either.
 */
export class TentativeSequences {
  readonly #byProducer = new Map<number, Tentative>();
  readonly #maxProducers: number;

  /** Beyond `maxProducers` the producer that began to try longest ago is forgotten. */
  constructor(maxProducers: number) {
    this.#maxProducers = maxProducers;
  }

  /** Notes a try; answers the lowest sequence tried with this epoch. */
  note(producerId: number, epoch: number, sequence: number): number {
    const known = this.#byProducer.get(producerId);
    if (known !== undefined && known.epoch > epoch) return sequence;
    if (known?.epoch === epoch && known.lowestSequence <= sequence) return known.lowestSequence;
    this.#byProducer.set(producerId, { epoch, lowestSequence: sequence });
    if (this.#byProducer.size > this.#maxProducers) this.#forgetOldest();
    return sequence;
  }

  /** The transaction has begun, or ended. */
  forget(producerId: number): void {
    this.#byProducer.delete(producerId);
  }

  #forgetOldest(): void {
    for (const producerId of this.#byProducer.keys()) {
      this.#byProducer.delete(producerId);
      return;
    }
  }
}

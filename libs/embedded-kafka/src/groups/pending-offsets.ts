import type { PartitionOffset } from './offset-entry.ts';

interface PendingOffset {
  readonly offset: PartitionOffset;
  /** A commit outside of the transaction came later and stays, as with Kafka, where the order in the offsets topic decides. */
  isOvertaken: boolean;
}

/** By topic and partition. */
type OffsetsOfProducer = Map<string, PendingOffset>;

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** What of a transaction is to be written anew. */
export interface StoredPending {
  readonly producerId: number;
  readonly offsets: readonly PartitionOffset[];
}

/** Offsets of one group that were committed in transactions which have not ended: nobody reads them yet, and who insists on stable offsets has to wait. */
export class PendingOffsets {
  readonly #byProducer = new Map<number, OffsetsOfProducer>();

  get isEmpty(): boolean {
    return this.#byProducer.size === 0;
  }

  has(topic: string, partition: number): boolean {
    const key = keyOf(topic, partition);
    for (const offsets of this.#byProducer.values()) if (offsets.has(key)) return true;
    return false;
  }

  hasProducer(producerId: number): boolean {
    return this.#byProducer.has(producerId);
  }

  add(producerId: number, offsets: readonly PartitionOffset[]): void {
    let pending = this.#byProducer.get(producerId);
    if (pending === undefined) this.#byProducer.set(producerId, (pending = new Map()));
    for (const offset of offsets) pending.set(keyOf(offset.topic, offset.partition), { offset, isOvertaken: false });
  }

  /** Notes a commit outside of any transaction. */
  overtake(offsets: readonly PartitionOffset[]): void {
    for (const pending of this.#byProducer.values()) {
      for (const { topic, partition } of offsets) {
        const overtaken = pending.get(keyOf(topic, partition));
        if (overtaken !== undefined) overtaken.isOvertaken = true;
      }
    }
  }

  /** Drops what is pending of partitions, for good. */
  forget(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const [producerId, pending] of this.#byProducer) {
      for (const { topic, partition } of partitions) pending.delete(keyOf(topic, partition));
      if (pending.size === 0) this.#byProducer.delete(producerId);
    }
  }

  /** The partitions of a topic that have something pending. */
  partitionsOf(topic: string): { readonly topic: string; readonly partition: number }[] {
    return [...this.#byProducer.values()]
      .flatMap((pending) => [...pending.values()])
      .map(({ offset }) => offset)
      .filter((offset) => offset.topic === topic);
  }

  /** Ends a producer's transaction here; answers what it commits. */
  end(producerId: number): PartitionOffset[] {
    const pending = this.#byProducer.get(producerId);
    this.#byProducer.delete(producerId);
    return [...(pending?.values() ?? [])].filter(({ isOvertaken }) => !isOvertaken).map(({ offset }) => offset);
  }

  /** All that is pending, of those that were overtaken or of the others. */
  stored(isOvertaken: boolean): StoredPending[] {
    return Array.from(this.#byProducer, ([producerId, pending]) => ({
      producerId,
      offsets: [...pending.values()]
        .filter((candidate) => candidate.isOvertaken === isOvertaken)
        .map(({ offset }) => offset),
    })).filter(({ offsets }) => offsets.length > 0);
  }
}

/** Batches per producer and partition that a retry is recognised among; clients may have as many in flight (KIP-98). */
const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fff_ffff;

/** A batch of an idempotent producer as a retry is compared with it. */
export interface ProducerBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  /** The batch's greatest timestamp. */
  readonly timestampMs: number;
}

interface ProducerEntry {
  epoch: number;
  lastSeenMs: number;
  /** Oldest first. */
  readonly batches: ProducerBatch[];
}

/** What the log is to do with a batch: append it, answer the earlier append, or refuse it. */
export type SequenceCheck =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly batch: ProducerBatch }
  | { readonly kind: 'stale-epoch'; readonly currentEpoch: number }
  | { readonly kind: 'out-of-order'; readonly expectedSequence: number };

/** A producer in a checkpoint: id, epoch, last seen, batches as [baseSequence, lastSequence, baseOffset, timestampMs]. */
export type ProducerSnapshot = readonly [
  number,
  number,
  number,
  readonly (readonly [number, number, number, number])[],
];

const APPEND: SequenceCheck = { kind: 'append' };

/** The sequence number `count` after this one; after 2^31 − 1 comes 0. */
export function advanceSequence(sequence: number, count: number): number {
  return (sequence + count) % (MAX_SEQUENCE + 1);
}

/**
 * The idempotent producers of one partition (KIP-98, KIP-360). An id that is not known (its records have expired, or it is new here) may start with any
 * sequence; a known one must go on where it left off, and start with 0 after its epoch has risen.
 */
export class ProducerState {
  /** In the order of the last writes. */
  readonly #producers = new Map<number, ProducerEntry>();
  /** The last one of them; it may have been forgotten since. */
  #newest: ProducerEntry | undefined;
  readonly #maxProducers: number;

  readonly #isHeld: (producerId: number) => boolean;

  /** `maxProducers` bounds the table: beyond it the producer that wrote longest ago is forgotten, unless `isHeld` says that it has something open. */
  constructor(maxProducers: number, isHeld: (producerId: number) => boolean = () => false) {
    this.#maxProducers = maxProducers;
    this.#isHeld = isHeld;
  }

  get size(): number {
    return this.#producers.size;
  }

  check(producerId: number, epoch: number, baseSequence: number, lastSequence: number): SequenceCheck {
    const entry = this.#producers.get(producerId);
    if (entry === undefined) return APPEND;
    if (epoch < entry.epoch) return { kind: 'stale-epoch', currentEpoch: entry.epoch };
    if (epoch > entry.epoch) return baseSequence === 0 ? APPEND : { kind: 'out-of-order', expectedSequence: 0 };
    for (const batch of entry.batches) {
      if (batch.baseSequence === baseSequence && batch.lastSequence === lastSequence)
        return { kind: 'duplicate', batch };
    }
    const last = entry.batches.at(-1);
    // Only a marker was written with this epoch: the producer has begun anew with it.
    const expectedSequence = last === undefined ? 0 : advanceSequence(last.lastSequence, 1);
    return baseSequence === expectedSequence ? APPEND : { kind: 'out-of-order', expectedSequence };
  }

  /** Notes a batch that is in the log and came at `nowMs`. */
  record(producerId: number, epoch: number, batch: ProducerBatch, nowMs: number): void {
    const known = this.#producers.get(producerId);
    const entry = known !== undefined && known.epoch === epoch ? known : { epoch, lastSeenMs: 0, batches: [] };
    entry.batches.push(batch);
    if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
    this.#keepNewest(producerId, entry, nowMs);
  }

  /** Notes a marker of a transaction: a greater epoch than the known one begins the sequences anew and fences those before it. */
  raiseEpoch(producerId: number, epoch: number, nowMs: number): void {
    const known = this.#producers.get(producerId);
    const entry = known !== undefined && known.epoch >= epoch ? known : { epoch, lastSeenMs: 0, batches: [] };
    this.#keepNewest(producerId, entry, nowMs);
  }

  /** The epoch of a producer that is known here, or −1. */
  epochOf(producerId: number): number {
    return this.#producers.get(producerId)?.epoch ?? -1;
  }

  /** The last batch of a producer that is known here. */
  lastBatchOf(producerId: number): ProducerBatch | undefined {
    return this.#producers.get(producerId)?.batches.at(-1);
  }

  /** Forgets producers that have been silent since the time. */
  expire(olderThanMs: number): void {
    for (const [producerId, entry] of this.#producers) {
      if (entry.lastSeenMs < olderThanMs && !this.#isHeld(producerId)) this.#producers.delete(producerId);
    }
  }

  snapshot(): ProducerSnapshot[] {
    return Array.from(this.#producers, ([producerId, { epoch, lastSeenMs, batches }]): ProducerSnapshot => [
      producerId,
      epoch,
      lastSeenMs,
      batches.map((batch) => [batch.baseSequence, batch.lastSequence, batch.baseOffset, batch.timestampMs] as const),
    ]);
  }

  restore(snapshot: readonly ProducerSnapshot[]): void {
    this.#producers.clear();
    this.#newest = undefined;
    for (const [producerId, epoch, lastSeenMs, batches] of snapshot) {
      const restored = batches.map(([baseSequence, lastSequence, baseOffset, timestampMs]) => ({
        baseSequence,
        lastSequence,
        baseOffset,
        timestampMs,
      }));
      this.#producers.set(producerId, { epoch, lastSeenMs, batches: restored });
    }
  }

  #keepNewest(producerId: number, entry: ProducerEntry, nowMs: number): void {
    entry.lastSeenMs = nowMs;
    // Most partitions have one producer: taken out and put back with each batch it would leave garbage that outlives the young generation.
    if (entry === this.#newest) return;
    this.#producers.delete(producerId);
    this.#producers.set(producerId, entry);
    this.#newest = entry;
    if (this.#producers.size > this.#maxProducers) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const producerId of this.#producers.keys()) {
      if (this.#isHeld(producerId)) continue;
      this.#producers.delete(producerId);
      return;
    }
  }
}

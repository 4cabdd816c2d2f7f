// A partition's batches:
//
//   append ──▶ filling ──full, or sent──▶ waiting ──▶ flying (≤ 5, in order of sequence) ──acknowledged──▶ done
//                                            ▲           │ refused, or socket lost
//                                            └─ resume ◀─┴─▶ returned: nothing more is sent until all that fly are answered
//
// An idempotent producer's sequences must arrive without a gap. So after one failure the partition stops, waits until
// its flying batches are answered too, sorts what came back, and goes on from the first of them with the same
// sequences: the broker recognises what it has already written.
import { ErrorCode } from '@playhead/kafka-protocol';
import type { PartitionFollower } from './partition-follower.ts';
import type { ProduceBatch } from './produce-batch.ts';
import type { TopicPartition } from './types.ts';

/** What an `InitProducerId` answer gave. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

const SEQUENCES = 2 ** 31;
const FENCED: ReadonlySet<number> = new Set([ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.PRODUCER_FENCED]);
/** How often the first batch is refused as out of order before the broker is taken to have lost the producer's state. */
const MAX_OUT_OF_ORDER = 5;

/** A mark from which on a producer's batches wait. */
export interface SendFence {
  mark: number;
}

/** One partition of a `BatchProducer`. */
export class ProducePartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #maxInFlight: number;
  readonly #fence: SendFence;
  filling: ProduceBatch | undefined;
  /** The filling batch has lingered long enough. */
  due = false;
  /** Nothing is sent until `resume`. */
  stopped = false;
  /** Somebody is at work to make `resume` possible. */
  isRecovering = false;
  /** Recoveries in a row without an acknowledgement. */
  failures = 0;
  /** It was said that this partition cannot be written. */
  isReported = false;
  identity: ProducerIdentity | undefined;
  /** Hears of every record and acknowledgement, of batches begun after it came. */
  follower: PartitionFollower | undefined;
  /** Batches before this mark are older than the follower. */
  followedFrom = 0;
  /** Full ones and returned ones, oldest first. Bounded, like `filling`, by the producer's `maxBufferedBytes`. */
  #waiting: ProduceBatch[] = [];
  /** At most `maxInFlight`. */
  readonly #flying = new Set<ProduceBatch>();
  /** Answered with a failure that passes, or parts of a batch that was too large: those of at most `maxInFlight` batches. */
  #returned: ProduceBatch[] = [];
  #nextSequence = 0;
  /** A batch before which the numbering is right and from which on it has a gap. */
  #gap: ProduceBatch | undefined;
  #identityLost = false;
  #outOfOrder = 0;
  /** The broker has taken a batch of this identity. */
  #isKnown = false;

  constructor(topic: string, partition: number, maxInFlight: number, fence: SendFence) {
    this.topic = topic;
    this.partition = partition;
    this.#maxInFlight = maxInFlight;
    this.#fence = fence;
  }

  /** Of the first batch that came back, for logs. */
  get lastRefusal(): number {
    return this.#returned[0]?.refusal ?? 0;
  }

  get inFlight(): number {
    return this.#flying.size;
  }

  /** Something is there that was not acknowledged and does not fly. */
  get hasUnsent(): boolean {
    return this.#waiting.length > 0 || this.filling !== undefined || this.#returned.length > 0;
  }

  /** Something may be sent now. */
  get isReady(): boolean {
    if (this.stopped || this.#flying.size >= this.#maxFlying) return false;
    const next = this.#waiting[0] ?? (this.due ? this.filling : undefined);
    return next !== undefined && next.firstMark < this.#fence.mark;
  }

  /** When the oldest batch that does not fly was begun. */
  get oldestMs(): number | undefined {
    return (this.#returned[0] ?? this.#waiting[0] ?? this.filling)?.createdAtMs;
  }

  closeFilling(): void {
    if (this.filling === undefined) return;
    this.filling.state = 'waiting';
    this.#waiting.push(this.filling);
    this.filling = undefined;
  }

  /** Takes the next batch to send and gives it its sequence. `identity` is used from the first sequence on. */
  launch(identity: ProducerIdentity): ProduceBatch | undefined {
    if (this.#waiting.length === 0) {
      this.closeFilling();
      this.due = false;
    }
    const batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.identity ??= identity;
    if (batch.sequence < 0) {
      batch.sequence = this.#nextSequence;
      this.#nextSequence = (this.#nextSequence + batch.writer.count) % SEQUENCES;
    }
    batch.state = 'flying';
    this.#flying.add(batch);
    return batch;
  }

  /** Tells the follower where a batch went; −1: nobody knows, or nowhere. */
  tellFollower(batch: ProduceBatch, baseOffset: number): void {
    const { follower } = this;
    if (follower === undefined) return;
    // A record that was appended before the follower came stands behind the end that it was told.
    if (batch.firstMark < this.followedFrom) follower.isBroken = true;
    else follower.acknowledged(baseOffset, batch.writer.count);
  }

  /** Acknowledged, or failed for good without a gap behind it. */
  finish(batch: ProduceBatch): void {
    this.#flying.delete(batch);
    this.#isKnown = true;
    this.failures = 0;
    this.#outOfOrder = 0;
  }

  /** The broker will never take this batch: the ones after it must be numbered anew. */
  discard(batch: ProduceBatch): void {
    this.#flying.delete(batch);
    this.tellFollower(batch, -1);
    this.stopped = true;
    if (FENCED.has(batch.refusal)) this.#identityLost = true;
    if (this.#gap === undefined || batch.firstMark < this.#gap.firstMark) this.#gap = batch;
  }

  /** The broker will take this batch in parts, if at all: they come next, and the ones after them are numbered anew. */
  replace(batch: ProduceBatch, parts: readonly ProduceBatch[]): void {
    this.#flying.delete(batch);
    this.stopped = true;
    this.failures = 0;
    if (this.#gap === undefined || batch.firstMark < this.#gap.firstMark) this.#gap = batch;
    for (const part of parts) part.state = 'waiting';
    this.#returned.push(...parts);
  }

  /** To be sent again. */
  giveBack(batch: ProduceBatch): void {
    this.#flying.delete(batch);
    batch.state = 'waiting';
    this.#returned.push(batch);
    this.stopped = true;
  }

  /**
   * The oldest batch that does not fly, when it was begun before that time. When it may have been written, so may the
   * uncertain ones after it; sent under another number they could be there twice, so they are given up with it, if at all.
   */
  expiring(createdBeforeMs: number): ProduceBatch[] {
    const [oldest, ...later] = this.#unsent();
    if (oldest === undefined || oldest.createdAtMs >= createdBeforeMs) return [];
    return [oldest, ...later.filter((batch) => oldest.uncertain && batch.uncertain)];
  }

  /** Before a resend, with nothing flying: removes and returns what is `expiring`. */
  expire(createdBeforeMs: number): ProduceBatch[] {
    return this.#remove(this.expiring(createdBeforeMs));
  }

  /** Begins the delivery time of everything that does not fly anew. */
  renew(nowMs: number): void {
    for (const batch of [...this.#returned, ...this.#waiting]) batch.createdAtMs = nowMs;
    if (this.filling !== undefined) this.filling.createdAtMs = nowMs;
  }

  /** Removes and returns everything that does not fly. */
  abandon(): ProduceBatch[] {
    return this.#remove(this.#unsent());
  }

  /** Looks at why the first of the returned ones was refused. Call once per recovery, with nothing flying. */
  judge(): void {
    this.#sortReturned();
    const refusal = this.#gap === undefined ? (this.#returned[0]?.refusal ?? 0) : 0;
    if (refusal === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) this.#outOfOrder++;
    if (refusal === ErrorCode.UNKNOWN_PRODUCER_ID || this.#outOfOrder >= MAX_OUT_OF_ORDER) this.#identityLost = true;
  }

  /** The resend needs a new producer id: the broker forgot this one, or a number's fate is unknown. */
  get needsNewIdentity(): boolean {
    return this.#identityLost;
  }

  /** Goes on with what came back in front. Call with nothing flying, and with a new identity if `needsNewIdentity`. */
  resume(identity: ProducerIdentity): void {
    this.#sortReturned();
    if (this.#identityLost) this.#renumber(this.#returned, 0, identity);
    else if (this.#gap !== undefined) {
      const { firstMark, sequence } = this.#gap;
      this.#renumber(
        this.#returned.filter((batch) => batch.firstMark > firstMark),
        sequence,
        this.identity,
      );
    }
    this.#waiting.unshift(...this.#returned);
    this.#returned = [];
    this.#gap = undefined;
    this.stopped = false;
  }

  #renumber(batches: readonly ProduceBatch[], from: number, identity: ProducerIdentity | undefined): void {
    for (const batch of [...batches, ...this.#waiting]) {
      batch.sequence = -1;
      batch.uncertain = false;
    }
    this.#nextSequence = from;
    if (identity !== this.identity) this.#isKnown = false;
    this.identity = identity;
    this.#identityLost = false;
    this.#outOfOrder = 0;
  }

  /**
   * A broker takes any sequence as the first of a producer that the partition does not know. Were the first batch refused
   * (a leader still being elected) and the second taken, the first could only follow it: so it flies alone.
   */
  get #maxFlying(): number {
    return this.#isKnown ? this.#maxInFlight : 1;
  }

  #unsent(): ProduceBatch[] {
    this.#sortReturned();
    return [...this.#returned, ...this.#waiting, ...(this.filling === undefined ? [] : [this.filling])];
  }

  #remove(batches: ProduceBatch[]): ProduceBatch[] {
    const removed = new Set(batches);
    const isKept = (batch: ProduceBatch): boolean => !removed.has(batch);
    this.#returned = this.#returned.filter(isKept);
    this.#waiting = this.#waiting.filter(isKept);
    if (this.filling !== undefined && removed.has(this.filling)) this.filling = undefined;
    for (const batch of batches) {
      this.tellFollower(batch, -1);
      if (batch.uncertain) this.#identityLost = true;
      else if (batch.sequence >= 0) this.discard(batch);
    }
    return batches;
  }

  #sortReturned(): void {
    this.#returned.sort((a, b) => a.firstMark - b.firstMark);
  }
}

import type { Headers } from '../processor/headers.ts';
import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { LingerTimer } from './linger-timer.ts';
import type { AppendReceipt, BatchProducerOptions } from './batch-producer-options.ts';
import { brokerError, clientClosedError } from './errors.ts';
import type { KafkaClient } from './kafka-client.ts';
import { PartitionFollower } from './partition-follower.ts';
import type { ProduceBatch } from './produce-batch.ts';
import { ProduceBuffer } from './produce-buffer.ts';
import type { ProducePartition } from './produce-partition.ts';
import { placeOf, ProduceRecovery } from './produce-recovery.ts';
import { ProduceSender } from './produce-sender.ts';
import type { Flight, FlightOutcome } from './produce-sender.ts';
import { ProducerIdentities } from './producer-identities.ts';
import type { ProducerSession } from './producer-session.ts';
import { isSplittable, recordsOf } from './refused-records.ts';
import type { RefusalDecision, RefusalPolicy } from './refused-records.ts';
import type { OutputOrigin } from '../processor/record-collector.ts';
import { NOT_WRITTEN } from './refused-attempts.ts';
import { atMost } from './retry.ts';

export type { AppendReceipt, BatchProducerOptions } from './batch-producer-options.ts';

const KIB = 1024;

/**
 * Idempotent, acks=all, in order per partition. Of a batch with a record that is refused the others are written. What fails for good
 * is up to `onRefused`, or sets `error`, which `flush` reports; the records after it are sent all the same, so a caller that needs
 * "all or nothing" stops at the first error.
 */
export class BatchProducer {
  readonly #sender: ProduceSender;
  readonly #session: ProducerSession;
  readonly #recovery: ProduceRecovery;
  readonly #lingerMs: number;
  readonly #patientTopics: ReadonlySet<string>;
  readonly #patienceMs: number;
  readonly #deliveryTimeoutMs: number;
  readonly #onProgress: (() => void) | undefined;
  readonly #onRefused: RefusalPolicy;
  /** About the batches that are given up next, as their delivery time is over. */
  #decided: RefusalDecision | undefined;
  readonly #buffer: ProduceBuffer;
  readonly #closing = new AbortController();
  #drainWaiters: (() => void)[] = [];
  #error: Error | undefined;
  /** When the topics leave that somebody waits for … */
  readonly #linger = new LingerTimer(() => this.#sendDue('impatient'));
  /** … and when everything does. */
  readonly #patience = new LingerTimer(() => this.#sendDue('all'));
  #stateChanged = false;
  /** Whatever lands is given up. */
  #resetting: Error | undefined;

  /** Without a `session` its batches belong to no transaction. */
  constructor(client: KafkaClient, options: BatchProducerOptions = {}, session?: ProducerSession) {
    this.#lingerMs = options.lingerMs ?? 2;
    this.#patientTopics = options.patientTopics ?? new Set();
    this.#patienceMs = Math.max(options.patienceMs ?? 25, this.#lingerMs);
    this.#deliveryTimeoutMs = options.deliveryTimeoutMs ?? client.cluster.retryTimeoutMs;
    this.#onProgress = options.onProgress;
    this.#onRefused = options.onRefused ?? ((_, error) => ({ fail: error }));
    this.#session = session ?? new ProducerIdentities(client.cluster);
    this.#buffer = new ProduceBuffer({
      maxBatchBytes: options.maxBatchBytes ?? 128 * KIB,
      maxBufferedBytes: options.maxBufferedBytes ?? 32 * KIB * KIB,
      maxInFlight: options.maxInFlight ?? 5,
    });
    this.#sender = new ProduceSender(
      client.cluster,
      { compression: options.compression ?? 'none', transactionalId: this.#session.transactionalId },
      { landed: (flight, outcome) => this.#landed(flight, outcome), answered: () => this.#answered() },
    );
    this.#recovery = new ProduceRecovery(
      client.cluster,
      this.#sender,
      this.#session,
      { deliveryTimeoutMs: this.#deliveryTimeoutMs, signal: this.#closing.signal },
      {
        gaveUp: (partition, batches, error) => {
          const decided = this.#decided;
          this.#decided = undefined;
          if (decided !== undefined) this.#conclude(batches, decided, error);
          else for (const batch of batches) this.#refuse(partition, batch, error);
          this.#settle();
        },
        isRenewed: (partition, batches, error) => {
          const records = batches.flatMap((batch) => recordsOf(batch, partition));
          const decision = this.#onRefused(records, error);
          if (decision === 'retry') return true;
          this.#decided = decision;
          return false;
        },
        ended: (partition) => {
          this.#settle();
          if (!partition.hasUnsent) return;
          this.#buffer.pending.add(partition);
          // In the next turn: partitions that were refused together go together.
          this.#linger.set(0);
        },
      },
    );
  }

  /**
   * Copies the record into its partition's open batch. The record is taken in any case; false means: wait for
   * `drained()` before the next one. `origin` comes back with the record if it is refused. Throws `StreamsError` after `close`.
   */
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
    origin?: OutputOrigin,
  ): boolean {
    this.#append(topic, partition, timestamp, key, value, headers, origin);
    return !this.#buffer.isFull;
  }

  /** Like `append`, for one who wants to know the offset. */
  appendForResult(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
  ): AppendReceipt {
    const batch = this.#append(topic, partition, timestamp, key, value, headers);
    return { baseOffset: batch.baseOffset, index: batch.writer.count - 1 };
  }

  /** How many records have been appended: a mark to compare with `acknowledged`. */
  get position(): number {
    return this.#buffer.marks.position;
  }

  /** Every record appended before this mark is acknowledged or failed (`error` says which). Never goes back. */
  get acknowledged(): number {
    return this.#buffer.marks.settled;
  }

  /** The first error since the last `clearError`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Bytes appended and not settled. */
  get bufferedBytes(): number {
    return this.#buffer.bytes;
  }

  /** Tells how far a partition contains what is appended from now on. `end`: the log's end now. */
  follow(topic: string, partition: number, end: number): PartitionFollower {
    const follower = new PartitionFollower(end, this.#session.transactionalId === null);
    this.#buffer.follow(topic, partition, follower);
    return follower;
  }

  /** Resolves when less than `maxBufferedBytes` wait; at once if that is so already. */
  drained(): Promise<void> {
    if (!this.#buffer.isFull) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Sends what waits for company in the event loop's next turn. */
  hurry(): void {
    if (this.#buffer.pending.size > 0) this.#patience.set(0);
  }

  /** Sends what waits and resolves when all that was appended before the call is acknowledged; rejects with `error`. */
  async flush(): Promise<void> {
    this.#sendDue('all');
    await this.#buffer.marks.reached(this.#buffer.marks.position);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Forgets `error`, for a caller that has dealt with it. */
  clearError(): void {
    this.#error = undefined;
  }

  /** What is appended from now on is not sent before `release`. */
  hold(): void {
    this.#buffer.closeFilling();
    this.#buffer.fence.mark = this.#buffer.marks.position;
  }

  /** Ends a `hold`. */
  release(): void {
    this.#buffer.fence.mark = Number.POSITIVE_INFINITY;
    this.wake();
  }

  /** The session may admit more than before. */
  wake(): void {
    this.#dispatch();
  }

  /** Fails with `error` what is not on the wire. */
  fail(error: Error): void {
    this.#giveUp(this.#buffer.abandon(), error);
    this.#settle();
  }

  /**
   * Fails with `error` whatever is not acknowledged, on the wire too, and forgets every sequence: for a session that
   * goes on under another identity. Resolves when nothing is on the wire.
   */
  async reset(error: Error): Promise<void> {
    this.#resetting = error;
    this.#sender.disconnect();
    this.#giveUp(this.#buffer.abandon(), error);
    this.#settle();
    await this.#buffer.marks.reached(this.#buffer.marks.position);
    this.#giveUp(this.#buffer.abandon(), error);
    this.#settle();
    this.#buffer.forgetPartitions();
    this.#error = undefined;
    this.#resetting = undefined;
  }

  /** Flushes for at most `timeoutMs` (default the delivery timeout), then fails what is left and closes the sockets. Rejects with `error`. */
  async close(timeoutMs = this.#deliveryTimeoutMs): Promise<void> {
    if (this.#closing.signal.aborted) return;
    try {
      await atMost(this.flush(), timeoutMs);
    } finally {
      this.#closing.abort();
      this.#linger.clear();
      this.#patience.clear();
      this.#sender.close();
      this.#giveUp(this.#buffer.abandon(), clientClosedError());
      this.#settle();
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
    origin?: OutputOrigin,
  ): ProduceBatch {
    if (this.#closing.signal.aborted)
      throw new StreamsError('STREAMS_INVALID_STATE', 'append after the producer was closed');
    const batch = this.#buffer.append(topic, partition, timestamp, key, value, headers, origin);
    if (batch.state !== 'filling') this.#linger.set(0);
    // The batch's first record has set its timer.
    else if (batch.writer.count > 1) return batch;
    else if (this.#patientTopics.has(topic)) this.#patience.set(this.#patienceMs);
    else this.#linger.set(this.#lingerMs);
    return batch;
  }

  #sendDue(which: 'all' | 'impatient'): void {
    for (const partition of this.#buffer.pending)
      if (which === 'all' || !this.#patientTopics.has(partition.topic)) partition.due = true;
    this.#dispatch();
  }

  #dispatch(): void {
    if (this.#closing.signal.aborted || this.#resetting !== undefined) return;
    const identity = this.#session.current;
    if (identity !== undefined) {
      const admitted = this.#session.admit(this.#buffer.pending);
      for (const unreachable of this.#sender.send(admitted, identity)) unreachable.stopped = true;
    }
    for (const partition of this.#buffer.pending) {
      if (!partition.hasUnsent) this.#buffer.pending.delete(partition);
      else if (partition.stopped || identity === undefined) {
        partition.stopped = true;
        if (partition.inFlight === 0) void this.#recovery.run(partition);
      }
    }
  }

  #landed({ source, batch }: Flight, outcome: FlightOutcome): void {
    if (this.#resetting !== undefined) {
      source.finish(batch);
      this.#giveUp([batch], this.#resetting);
      return;
    }
    if ('lost' in outcome && this.#closing.signal.aborted) {
      source.finish(batch);
      this.#giveUp([batch], outcome.lost);
    } else if ('lost' in outcome) {
      batch.uncertain = true;
      batch.refusal = 0;
      source.giveBack(batch);
    } else if (outcome.errorCode === 0 || outcome.errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
      this.#recovery.noteAcknowledged(source);
      source.finish(batch);
      const baseOffset = outcome.errorCode === 0 ? outcome.baseOffset : -1;
      source.tellFollower(batch, baseOffset);
      batch.acknowledge(baseOffset);
      this.#buffer.release(batch);
    } else this.#refused(source, batch, outcome.errorCode);
    if (source.stopped && source.inFlight === 0) void this.#recovery.run(source);
  }

  #refused(source: ProducePartition, batch: ProduceBatch, errorCode: number): void {
    if (!NOT_WRITTEN.has(errorCode)) batch.uncertain = true;
    batch.refusal = errorCode;
    const error = brokerError(errorCode, 'produce', placeOf(source));
    if (error.retriable) source.giveBack(batch);
    else if (isSplittable(batch)) source.replace(batch, this.#buffer.split(batch));
    else {
      source.discard(batch);
      this.#refuse(source, batch, error);
    }
  }

  /** Asks what becomes of a batch that is not written, and does it. */
  #refuse(source: ProducePartition, batch: ProduceBatch, error: Error): void {
    if (this.#closing.signal.aborted) this.#giveUp([batch], error);
    else this.#conclude([batch], this.#onRefused(recordsOf(batch, source), error), error);
  }

  #conclude(batches: readonly ProduceBatch[], decision: RefusalDecision, error: Error): void {
    if (this.#closing.signal.aborted || decision === 'retry' || 'fail' in decision) {
      this.#giveUp(batches, decision !== 'retry' && 'fail' in decision ? decision.fail : error);
      return;
    }
    this.#stateChanged = true;
    const places = decision.write.map(({ topic, partition, timestamp, key, value, headers, origin }) =>
      this.#append(topic, partition, timestamp, key, value, headers, origin),
    );
    for (const batch of batches) {
      this.#buffer.release(batch);
      batch.waitFor([...new Set(places)]);
    }
  }

  /** After each answer, when all its batches have landed. */
  #answered(): void {
    this.#settle();
    this.#dispatch();
  }

  /** Tells everyone who waits for batches to be settled. */
  #settle(): void {
    const hasProgress = this.#buffer.marks.advance();
    if (!this.#buffer.isFull && this.#drainWaiters.length > 0) {
      const waiters = this.#drainWaiters;
      this.#drainWaiters = [];
      for (const resolve of waiters) resolve();
    }
    if (hasProgress || this.#stateChanged) {
      this.#stateChanged = false;
      this.#onProgress?.();
    }
  }

  #giveUp(batches: readonly ProduceBatch[], error: Error): void {
    for (const batch of batches) {
      this.#error ??= error;
      this.#stateChanged = true;
      batch.fail(error);
      this.#buffer.release(batch);
    }
  }
}

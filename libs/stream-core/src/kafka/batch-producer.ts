import type { Headers } from '../processor/headers.ts';
import { ErrorCode, RecordBatchWriter } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { AckMarks } from './ack-marks.ts';
import { LingerTimer } from './linger-timer.ts';
import type { AppendReceipt, BatchProducerOptions } from './batch-producer-options.ts';
import { brokerError, clientClosedError } from './errors.ts';
import type { KafkaClient } from './kafka-client.ts';
import { ProduceBatch } from './produce-batch.ts';
import { ProducePartition } from './produce-partition.ts';
import { placeOf, ProduceRecovery } from './produce-recovery.ts';
import { ProduceSender } from './produce-sender.ts';
import type { Flight, FlightOutcome } from './produce-sender.ts';
import { ProducerIdentities } from './producer-identities.ts';
import { pause } from './retry.ts';

export type { AppendReceipt, BatchProducerOptions } from './batch-producer-options.ts';

const KIB = 1024;
/** Refusals that say for certain that this attempt was not written; every other failure leaves that open. */
const NOT_WRITTEN: ReadonlySet<number> = new Set([
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.INVALID_TOPIC_EXCEPTION,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.UNKNOWN_PRODUCER_ID,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  ErrorCode.INVALID_RECORD,
  ErrorCode.PRODUCER_FENCED,
]);
/** About what a record takes beside key, value and headers. */
const RECORD_OVERHEAD_BYTES = 24;
const MAX_POOLED_WRITERS = 32;

/**
 * Idempotent, acks=all, in order per partition. A batch that fails for good sets `error`, which `flush` reports; the
 * records after it are sent all the same, so a caller that needs "all or nothing" stops at the first error.
 */
export class BatchProducer {
  readonly #sender: ProduceSender;
  readonly #identities: ProducerIdentities;
  readonly #recovery: ProduceRecovery;
  readonly #lingerMs: number;
  readonly #maxBatchBytes: number;
  readonly #maxBufferedBytes: number;
  readonly #maxInFlight: number;
  readonly #deliveryTimeoutMs: number;
  readonly #onProgress: (() => void) | undefined;
  /** By topic, then by partition number: one per partition that was ever written to. */
  readonly #topics = new Map<string, ProducePartition[]>();
  /** Those with something unsent. */
  readonly #pending = new Set<ProducePartition>();
  readonly #marks = new AckMarks();
  /** At most `MAX_POOLED_WRITERS`. */
  readonly #writers: RecordBatchWriter[] = [];
  readonly #closing = new AbortController();
  #drainWaiters: (() => void)[] = [];
  #bufferedBytes = 0;
  #error: Error | undefined;
  readonly #linger = new LingerTimer(() => this.#sendDue());
  #stateChanged = false;

  constructor(client: KafkaClient, options: BatchProducerOptions = {}) {
    this.#lingerMs = options.lingerMs ?? 2;
    this.#maxBatchBytes = options.maxBatchBytes ?? 128 * KIB;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 32 * KIB * KIB;
    this.#deliveryTimeoutMs = options.deliveryTimeoutMs ?? client.cluster.retryTimeoutMs;
    this.#onProgress = options.onProgress;
    this.#identities = new ProducerIdentities(client.cluster);
    this.#maxInFlight = options.maxInFlight ?? 5;
    this.#sender = new ProduceSender(
      client.cluster,
      { compression: options.compression ?? 'none' },
      { landed: (flight, outcome) => this.#landed(flight, outcome), answered: () => this.#answered() },
    );
    this.#recovery = new ProduceRecovery(
      client.cluster,
      this.#sender,
      this.#identities,
      { deliveryTimeoutMs: this.#deliveryTimeoutMs, signal: this.#closing.signal },
      {
        gaveUp: (batches, error) => {
          this.#giveUp(batches, error);
          this.#settle();
        },
        ended: (partition) => {
          if (partition.hasUnsent) this.#pending.add(partition);
          this.#answered();
        },
      },
    );
  }

  /**
   * Copies the record into its partition's open batch. The record is taken in any case; false means: wait for
   * `drained()` before the next one. Throws `StreamsError` after `close`.
   */
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
  ): boolean {
    this.#append(topic, partition, timestamp, key, value, headers);
    return this.#bufferedBytes < this.#maxBufferedBytes;
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
    return this.#marks.position;
  }

  /** Every record appended before this mark is acknowledged or failed (`error` says which). Never goes back. */
  get acknowledged(): number {
    return this.#marks.settled;
  }

  /** The first error since the last `clearError`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Bytes appended and not settled. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Resolves when less than `maxBufferedBytes` wait; at once if that is so already. */
  drained(): Promise<void> {
    if (this.#bufferedBytes < this.#maxBufferedBytes) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Sends what waits and resolves when all that was appended before the call is acknowledged; rejects with `error`. */
  async flush(): Promise<void> {
    this.#sendDue();
    await this.#marks.reached(this.#marks.position);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Forgets `error`, for a caller that has dealt with it. */
  clearError(): void {
    this.#error = undefined;
  }

  /** Flushes for at most `timeoutMs` (default the delivery timeout), then fails what is left and closes the sockets. Rejects with `error`. */
  async close(timeoutMs = this.#deliveryTimeoutMs): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const enough = new AbortController();
    try {
      await Promise.race([this.flush(), pause(timeoutMs, enough.signal)]);
    } finally {
      enough.abort();
      this.#closing.abort();
      this.#linger.clear();
      this.#sender.close();
      for (const partitions of this.#topics.values()) {
        for (const partition of partitions) this.#giveUp(partition?.abandon() ?? [], clientClosedError());
      }
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
  ): ProduceBatch {
    if (this.#closing.signal.aborted)
      throw new StreamsError('STREAMS_INVALID_STATE', 'append after the producer was closed');
    const target = this.#topics.get(topic)?.[partition] ?? this.#addPartition(topic, partition);
    const batch = this.#batchFor(target, (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers));
    const { writer } = batch;
    const before = writer.count === 0 ? 0 : writer.sizeInBytes;
    writer.append(timestamp, key, value, headers);
    this.#bufferedBytes += writer.sizeInBytes - before;
    this.#marks.count();
    if (writer.sizeInBytes >= this.#maxBatchBytes) {
      target.closeFilling();
      this.#linger.set(0);
    } else if (!this.#linger.isSet) this.#linger.set(this.#lingerMs);
    return batch;
  }

  #addPartition(topic: string, partition: number): ProducePartition {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = []));
    return (partitions[partition] = new ProducePartition(topic, partition, this.#maxInFlight));
  }

  #batchFor(target: ProducePartition, recordBytes: number): ProduceBatch {
    const { filling } = target;
    if (filling !== undefined) {
      if (filling.writer.sizeInBytes + recordBytes + RECORD_OVERHEAD_BYTES <= this.#maxBatchBytes) return filling;
      target.closeFilling();
    }
    const writer = this.#writers.pop() ?? new RecordBatchWriter();
    const batch = new ProduceBatch(writer, this.#marks.position, performance.now());
    this.#marks.begin(batch);
    target.filling = batch;
    this.#pending.add(target);
    return batch;
  }

  #sendDue(): void {
    for (const partition of this.#pending) partition.due = true;
    this.#dispatch();
  }

  #dispatch(): void {
    if (this.#closing.signal.aborted) return;
    const identity = this.#identities.current;
    if (identity !== undefined) {
      for (const unreachable of this.#sender.send(this.#pending, identity)) unreachable.stopped = true;
    }
    for (const partition of this.#pending) {
      if (!partition.hasUnsent) this.#pending.delete(partition);
      else if (partition.stopped || identity === undefined) {
        partition.stopped = true;
        if (partition.inFlight === 0) void this.#recovery.run(partition);
      }
    }
  }

  #landed({ source, batch }: Flight, outcome: FlightOutcome): void {
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
      batch.acknowledge(outcome.errorCode === 0 ? outcome.baseOffset : -1);
      this.#release(batch);
    } else this.#refused(source, batch, outcome.errorCode);
    if (source.stopped && source.inFlight === 0) void this.#recovery.run(source);
  }

  #refused(source: ProducePartition, batch: ProduceBatch, errorCode: number): void {
    if (!NOT_WRITTEN.has(errorCode)) batch.uncertain = true;
    batch.refusal = errorCode;
    const error = brokerError(errorCode, 'produce', placeOf(source));
    if (error.retriable) source.giveBack(batch);
    else {
      source.discard(batch);
      this.#giveUp([batch], error);
    }
  }

  /** After each answer, when all its batches have landed. */
  #answered(): void {
    this.#settle();
    this.#dispatch();
  }

  /** Tells everyone who waits for batches to be settled. */
  #settle(): void {
    const hasProgress = this.#marks.advance();
    if (this.#bufferedBytes < this.#maxBufferedBytes && this.#drainWaiters.length > 0) {
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
      this.#release(batch);
    }
  }

  #release({ writer }: ProduceBatch): void {
    const { sizeInBytes } = writer;
    this.#bufferedBytes -= sizeInBytes;
    // An oversized record's memory is not kept.
    if (this.#writers.length >= MAX_POOLED_WRITERS || sizeInBytes > 2 * this.#maxBatchBytes) return;
    writer.reset();
    this.#writers.push(writer);
  }
}

function headerBytes(headers: Headers | undefined): number {
  if (headers === undefined) return 0;
  let bytes = 0;
  for (const { key, value } of headers) bytes += key.length * 3 + (value?.length ?? 0) + 4;
  return bytes;
}

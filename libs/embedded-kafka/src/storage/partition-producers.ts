import { ControlType, ErrorCode, type RecordBatchHeader, RecordCursor } from '@playhead/kafka-protocol';
import { AbortedTransactions, type AbortedTransaction } from './aborted-transactions.ts';
import { appended, refused, type AppendResult } from './append-result.ts';
import type { Checkpoint } from './checkpoint.ts';
import { OpenTransactions, type OpenTransaction } from './open-transactions.ts';
import { advanceSequence, ProducerState, type ProducerSnapshot, type SequenceCheck } from './producer-state.ts';
import { TentativeSequences } from './tentative-sequences.ts';
import type { TransactionMarker } from './transaction-marker.ts';

/** Says whether a producer may begin a transaction in a partition now: an error code. */
export type TransactionCheck = (producerId: number, producerEpoch: number) => number;

/** The check of a log that nobody coordinates transactions for. */
export const refuseTransactions: TransactionCheck = () => ErrorCode.INVALID_TXN_STATE;

/** What is to be known about a batch that is in the log, besides its header, which a batch as received does not have right. */
export interface AppendedBatch {
  readonly baseOffset: number;
  /** The batch's greatest timestamp. */
  readonly timestampMs: number;
  readonly nowMs: number;
  /** What the log had been appended since the start before this batch. */
  readonly appendedBytesBefore: number;
}

/** An open transaction with the epoch that it is written with. */
export interface OpenTransactionOfProducer extends OpenTransaction {
  readonly producerEpoch: number;
}

/** What a checkpoint keeps of a partition's producers. The aborted transactions have a file of their own. */
export type ProducersCheckpoint = Pick<Checkpoint, 'producers' | 'openTransactions'>;

/**
 * What one partition knows of those who write it: the idempotent producers with their last sequences, and their transactions, open and aborted.
 * It changes with the log only: each batch that is appended, or read again by a start, is noted here.
 */
export class PartitionProducers {
  readonly #open = new OpenTransactions();
  readonly #aborted: AbortedTransactions;
  readonly #producers: ProducerState;
  readonly #tentative: TentativeSequences;

  constructor(directory: string, maxProducers: number) {
    this.#aborted = new AbortedTransactions(directory);
    this.#tentative = new TentativeSequences(maxProducers);
    // Who has a transaction open here is not forgotten: its marker is still to come.
    this.#producers = new ProducerState(maxProducers, (producerId) => this.#open.has(producerId));
  }

  /** Takes over what a checkpoint knows; nothing, when there is none. */
  restore(checkpoint: Checkpoint | null): void {
    this.#producers.restore(checkpoint?.producers ?? []);
    for (const [producerId, firstOffset] of checkpoint?.openTransactions ?? [])
      this.#open.note(producerId, firstOffset, 0);
    this.#aborted.restore(checkpoint?.segment.nextOffset ?? 0);
  }

  /** Null: the batch may be appended. Otherwise the answer to a retry, or to a producer that is out of step or outside of a transaction. */
  answerWithoutAppending(
    header: RecordBatchHeader,
    logAppendTime: boolean,
    mayBegin: TransactionCheck,
  ): AppendResult | null {
    const { producerId, producerEpoch, baseSequence, lastOffsetDelta, isTransactional } = header;
    if (producerId < 0) return null;
    let highestFirst = baseSequence;
    if (isTransactional && !this.#isWithin(producerId, producerEpoch)) {
      highestFirst = this.#tentative.note(producerId, producerEpoch, baseSequence);
      const errorCode = mayBegin(producerId, producerEpoch);
      if (errorCode !== ErrorCode.NONE)
        return refused(errorCode, `producer ${producerId} has no transaction with epoch ${producerEpoch} here`);
    }
    const lastSequence = advanceSequence(baseSequence, lastOffsetDelta);
    const check = this.#producers.check(producerId, producerEpoch, baseSequence, lastSequence);
    if (check.kind !== 'append') return answerTo(check, header, logAppendTime);
    if (baseSequence > highestFirst)
      return answerTo({ kind: 'out-of-order', expectedSequence: highestFirst }, header, logAppendTime);
    if (!isTransactional && this.#open.has(producerId)) {
      return refused(
        ErrorCode.INVALID_TXN_STATE,
        `producer ${producerId} has a transaction open, the batch is outside`,
      );
    }
    return null;
  }

  /** Notes a batch of records. One without a producer id leaves no trace. */
  note(header: RecordBatchHeader, batch: AppendedBatch): void {
    const { producerId, producerEpoch, baseSequence, lastOffsetDelta } = header;
    if (producerId < 0) return;
    const lastSequence = advanceSequence(baseSequence, lastOffsetDelta);
    const { baseOffset, timestampMs, nowMs, appendedBytesBefore } = batch;
    this.#producers.record(producerId, producerEpoch, { baseSequence, lastSequence, baseOffset, timestampMs }, nowMs);
    if (!header.isTransactional) return;
    this.#open.note(producerId, baseOffset, appendedBytesBefore);
    this.#tentative.forget(producerId);
  }

  /** Notes a marker, which ends the producer's transaction here if there is one, and raises its epoch. */
  noteMarker({ producerId, producerEpoch, committed }: TransactionMarker, offset: number, nowMs: number): void {
    this.#tentative.forget(producerId);
    const firstOffset = this.#open.end(producerId);
    this.#producers.raiseEpoch(producerId, producerEpoch, nowMs);
    if (committed || firstOffset === null) return;
    this.#aborted.add({ producerId, firstOffset, lastOffset: offset }, this.#open.stableBefore(offset + 1));
  }

  /** Notes a stored batch of whatever kind that a start reads again. */
  noteStored(bytes: Buffer, header: RecordBatchHeader, nowMs: number): void {
    const { producerId, producerEpoch, baseOffset, maxTimestamp } = header;
    if (!header.isControl) {
      this.note(header, { baseOffset, timestampMs: maxTimestamp, nowMs, appendedBytesBefore: 0 });
      return;
    }
    const cursor = new RecordCursor().reset(bytes);
    if (!cursor.nextBatch() || !cursor.next()) return;
    const committed = cursor.controlType() === ControlType.COMMIT;
    this.noteMarker({ producerId, producerEpoch, committed }, cursor.offset, nowMs);
  }

  /** The end of what belongs to no open transaction, for a log that ends at `nextOffset`. */
  stableBefore(nextOffset: number): number {
    return this.#open.stableBefore(nextOffset);
  }

  /** Of the bytes appended since the start, those before the oldest open transaction. */
  stableBytes(appendedBytes: number): number {
    return this.#open.stableBytes(appendedBytes);
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  /** By first offset. */
  openTransactions(): OpenTransactionOfProducer[] {
    return this.#open.all().map((open) => ({ ...open, producerEpoch: this.#producers.epochOf(open.producerId) }));
  }

  abortedWithin(from: number, upTo: number): AbortedTransaction[] {
    return this.#aborted.within(from, upTo);
  }

  /** Forgets the aborted transactions whose markers are no longer in the log. */
  forgetAborted(markerOffsets: readonly number[]): void {
    this.#aborted.forget(markerOffsets);
  }

  /** The base offset of the last batch that a retry of the producer is compared with. */
  lastBatchOf(producerId: number): number | undefined {
    return this.#producers.lastBatchOf(producerId)?.baseOffset;
  }

  /** Forgets producers that have been silent since a time and have nothing open. */
  expire(olderThanMs: number): void {
    this.#producers.expire(olderThanMs);
  }

  /** The log begins at a later offset now. */
  trim(logStartOffset: number): void {
    this.#aborted.trim(logStartOffset);
  }

  /** The log of a start ends here, perhaps before where the checkpoint said: what began after it has not been, and what ended after it has not ended. */
  cut(nextOffset: number): void {
    this.#open.cut(nextOffset, this.#aborted.cut(nextOffset));
  }

  /** Saves the aborted transactions and answers what belongs into the checkpoint that is to be written after it. */
  save(durable: boolean): ProducersCheckpoint {
    this.#aborted.save(durable);
    const producers: ProducerSnapshot[] = this.#producers.snapshot();
    const openTransactions = this.#open.all().map(({ producerId, firstOffset }) => [producerId, firstOffset] as const);
    return { producers, openTransactions };
  }

  #isWithin(producerId: number, producerEpoch: number): boolean {
    return this.#open.has(producerId) && this.#producers.epochOf(producerId) === producerEpoch;
  }
}

function answerTo(
  check: Exclude<SequenceCheck, { readonly kind: 'append' }>,
  { producerId, producerEpoch, baseSequence }: RecordBatchHeader,
  logAppendTime: boolean,
): AppendResult {
  switch (check.kind) {
    case 'duplicate':
      return appended(check.batch.baseOffset, logAppendTime ? check.batch.timestampMs : -1);
    case 'stale-epoch':
      return refused(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${producerId} has epoch ${check.currentEpoch}, the batch has ${producerEpoch}`,
      );
    case 'out-of-order':
      return refused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `producer ${producerId} sent sequence ${baseSequence}, expected ${check.expectedSequence}`,
      );
  }
}

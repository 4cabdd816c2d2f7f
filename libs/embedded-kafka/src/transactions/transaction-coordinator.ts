import { ErrorCode } from '@playhead/kafka-protocol';
import { join } from 'node:path';
import { systemClock, type Clock } from '../groups/clock.ts';
import type { BrokerLogger } from '../logger.ts';
import type { TransactionCheck } from '../storage/partition-producers.ts';
import type { ProducerIds } from '../storage/producer-ids.ts';
import { DecidedTransactions } from './decided-transactions.ts';
import { initProducer, isHolder, type InitRequest } from './init-producer.ts';
import { extended, hasPartition, isPrepared, logFields, prepared } from './transaction.ts';
import type { Transaction, TransactionPartition } from './transaction.ts';
import { abortOrphans, type Participants } from './transaction-outcome.ts';
import { DEFAULT_TRANSACTION_SETTINGS, type TransactionSettings } from './transaction-settings.ts';
import { TransactionStore } from './transaction-store.ts';

/** What the coordinator is given at start. */
export interface TransactionCoordinatorOptions {
  /** The broker's data directory; the coordinator has `transactions` below it. */
  readonly dataDir: string;
  readonly participants: Participants;
  readonly producerIds: ProducerIds;
  readonly logger: BrokerLogger;
  /** Force every change to the disk, and markers before their transaction counts as complete. Default false. */
  readonly sync?: boolean;
  readonly settings?: Partial<TransactionSettings>;
  readonly clock?: Clock;
}

/** A producer as its requests name it. */
export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What a producer is given, or the error. */
export interface InitResult {
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

const failedInit = (errorCode: number): InitResult => ({ errorCode, producerId: -1, producerEpoch: -1 });

/** All transactions of the broker; the states are drawn in transaction.ts. Methods answer error codes, and what they have answered NONE to is on the disk. */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions;
  readonly #settings: TransactionSettings;
  readonly #clock: Clock;
  readonly #store: TransactionStore;
  readonly #decided: DecidedTransactions;
  /** What ends time-outs, by transactional id. */
  readonly #timers = new Map<string, () => void>();
  #cancelSweep: (() => void) | null = null;

  /** Reads the transaction log back. Throws when it cannot be read. {@link start} is to be called before requests are. */
  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#settings = { ...DEFAULT_TRANSACTION_SETTINGS, ...options.settings };
    const { compactAboveBytes, retryMs } = this.#settings;
    const { participants, logger, sync = false } = options;
    const store = new TransactionStore(join(options.dataDir, 'transactions'), { compactAboveBytes, sync, logger });
    this.#store = store;
    this.#decided = new DecidedTransactions({ participants, store, logger, clock: this.#clock, sync, retryMs });
  }

  /** Carries out what was decided before the broker ended, and lets the time of what is under way run on. */
  async start(): Promise<void> {
    const { logger } = this.#options;
    for (const transaction of this.#store.all()) {
      if (transaction.state === 'Ongoing') this.#awaitTimeout(transaction);
      if (!isPrepared(transaction)) continue;
      logger.info('transaction carried on', logFields(transaction));
      await this.#decided.carryOut(transaction, true);
    }
    this.#abortOrphans();
    this.#sweepLater();
  }

  /** Gives a producer its id and epoch, which ends what its predecessor has under way. */
  initProducerId(request: InitRequest): InitResult {
    const { transactionalId, timeoutMs, producerId, producerEpoch } = request;
    if (transactionalId === '' || producerId < 0 !== producerEpoch < 0) return failedInit(ErrorCode.INVALID_REQUEST);
    if (timeoutMs <= 0 || timeoutMs > this.#settings.maxTimeoutMs)
      return failedInit(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    const known = this.#store.get(transactionalId);
    if (known === undefined && this.#store.size >= this.#settings.maxTransactionalIds)
      return failedInit(ErrorCode.POLICY_VIOLATION);
    if (known !== undefined && !isHolder(known, request)) return failedInit(ErrorCode.PRODUCER_FENCED);
    try {
      if (known?.state === 'Ongoing') void this.#decide(prepared(known, false, this.#clock.now(), { fence: true }));
      return this.#init(request);
    } catch (error) {
      return failedInit(this.#notStored(transactionalId, error));
    }
  }

  /** Makes partitions, which exist, part of the producer's transaction; the first begin it. */
  addPartitions(producer: TransactionalProducer, partitions: readonly TransactionPartition[]): number {
    return this.#extend(producer, { partitions });
  }

  /** Makes a group's offsets part of the producer's transaction. */
  addOffsets(producer: TransactionalProducer, group: string): number {
    return this.#extend(producer, { groups: [group] });
  }

  /** Commits or aborts. Answered when the decision is on the disk, and normally carried out by then; otherwise the next request is told to come again (51). */
  end(producer: TransactionalProducer, committed: boolean): number | Promise<number> {
    const transaction = this.#find(producer);
    if (typeof transaction === 'number') return transaction;
    switch (transaction.state) {
      case 'Ongoing':
        break;
      case 'PrepareCommit':
      case 'PrepareAbort':
        return committed === (transaction.state === 'PrepareCommit')
          ? ErrorCode.CONCURRENT_TRANSACTIONS
          : ErrorCode.INVALID_TXN_STATE;
      case 'CompleteCommit':
      case 'CompleteAbort':
        return committed === (transaction.state === 'CompleteCommit') ? ErrorCode.NONE : ErrorCode.INVALID_TXN_STATE;
      case 'Empty':
        return ErrorCode.INVALID_TXN_STATE;
    }
    try {
      const done = this.#decide(prepared(transaction, committed, this.#clock.now()));
      return done === undefined ? ErrorCode.NONE : done.then(() => ErrorCode.NONE);
    } catch (error) {
      return this.#notStored(transaction.transactionalId, error);
    }
  }

  /** Asked by a partition before the first batch of a transaction: whether it was added (KIP-890's check, in the codes of Produce). */
  checkOfPartition(transactionalId: string, partition: TransactionPartition): TransactionCheck {
    return (producerId, producerEpoch) =>
      this.#checkWrite({ transactionalId, producerId, producerEpoch }, (transaction) =>
        hasPartition(transaction, partition),
      );
  }

  /** Whether the producer may commit offsets of a group now, in the codes of Produce. */
  checkOffsets(producer: TransactionalProducer, group: string): number {
    if (producer.transactionalId === '') return ErrorCode.INVALID_REQUEST;
    return this.#checkWrite(producer, ({ groups }) => groups.includes(group));
  }

  /** Forgets transactional ids that have not been used for long. Runs by itself every `expirationCheckIntervalMs`. */
  sweep(): void {
    const olderThanMs = this.#clock.now() - this.#settings.idExpirationMs;
    for (const transaction of this.#store.all()) {
      const { transactionalId, state, changedAtMs } = transaction;
      if (state === 'Ongoing' || isPrepared(transaction) || changedAtMs >= olderThanMs) continue;
      try {
        this.#store.forget(transactionalId);
      } catch (error) {
        this.#notStored(transactionalId, error);
      }
    }
  }

  /** Stops all timers and closes the file. What is under way goes on after the next start. */
  close(): void {
    this.#cancelSweep?.();
    this.#decided.close();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#store.close();
  }

  #init(request: InitRequest): InitResult {
    const known = this.#store.get(request.transactionalId);
    if (known !== undefined && isPrepared(known)) return failedInit(ErrorCode.CONCURRENT_TRANSACTIONS);
    const { producerIds } = this.#options;
    const result = initProducer(known, request, this.#clock.now(), () => producerIds.next());
    if (typeof result === 'number') return failedInit(result);
    this.#store.save(result);
    return { errorCode: ErrorCode.NONE, producerId: result.producerId, producerEpoch: result.producerEpoch };
  }

  #extend(
    producer: TransactionalProducer,
    added: { readonly partitions?: readonly TransactionPartition[]; readonly groups?: readonly string[] },
  ): number {
    const transaction = this.#find(producer);
    if (typeof transaction === 'number') return transaction;
    if (isPrepared(transaction)) return ErrorCode.CONCURRENT_TRANSACTIONS;
    const next = extended(transaction, added, this.#clock.now());
    const isNew =
      next.partitions.length > transaction.partitions.length || next.groups.length > transaction.groups.length;
    if (!isNew && transaction.state === 'Ongoing') return ErrorCode.NONE;
    if (next.groups.length > this.#settings.maxGroupsPerTransaction) return ErrorCode.POLICY_VIOLATION;
    try {
      this.#store.save(next);
    } catch (error) {
      return this.#notStored(producer.transactionalId, error);
    }
    if (transaction.state !== 'Ongoing') this.#awaitTimeout(next);
    return ErrorCode.NONE;
  }

  /** The producer's transaction, or why it is not its own. */
  #find({ transactionalId, producerId, producerEpoch }: TransactionalProducer): Transaction | number {
    if (transactionalId === '') return ErrorCode.INVALID_REQUEST;
    const transaction = this.#store.get(transactionalId);
    if (transaction?.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
    return transaction.producerEpoch === producerEpoch ? transaction : ErrorCode.PRODUCER_FENCED;
  }

  #checkWrite(producer: TransactionalProducer, isPartOf: (transaction: Transaction) => boolean): number {
    const transaction = this.#find(producer);
    if (transaction === ErrorCode.PRODUCER_FENCED) return ErrorCode.INVALID_PRODUCER_EPOCH;
    if (typeof transaction === 'number') return transaction;
    // Not what it is, but what every client tries again without asking for metadata first; Kafka answers the same.
    if (isPrepared(transaction)) return ErrorCode.NOT_ENOUGH_REPLICAS;
    return transaction.state === 'Ongoing' && isPartOf(transaction) ? ErrorCode.NONE : ErrorCode.INVALID_TXN_STATE;
  }

  /** Stores a decision and carries it out; throws when it could not be stored, and then nothing has been decided. */
  #decide(decided: Transaction): void | Promise<void> {
    this.#store.save(decided);
    this.#cancelTimer(decided.transactionalId);
    return this.#decided.carryOut(decided, false);
  }

  #awaitTimeout(transaction: Transaction): void {
    const { transactionalId, startedAtMs, timeoutMs } = transaction;
    const leftMs = Math.max(0, startedAtMs + timeoutMs - this.#clock.now());
    this.#timers.set(
      transactionalId,
      this.#clock.after(leftMs, () => this.#timeOut(transactionalId)),
    );
  }

  /** A disk that is too full for it is no reason not to start: the next start does it. */
  #abortOrphans(): void {
    const { logger, participants } = this.#options;
    try {
      const count = abortOrphans(this.#store.all(), participants, this.#clock.now());
      if (count > 0) logger.warn('transactions aborted that no producer could end any more', { count });
    } catch (error) {
      logger.error('transactions that no producer can end could not be aborted', { reason: String(error) });
    }
  }

  /** Aborts, and takes the epoch from the producer: it may still be alive, and writing. */
  #timeOut(transactionalId: string): void {
    const transaction = this.#store.get(transactionalId);
    if (transaction?.state !== 'Ongoing') return;
    this.#options.logger.warn('transaction timed out', logFields(transaction));
    try {
      void this.#decide(prepared(transaction, false, this.#clock.now(), { fence: true }));
    } catch (error) {
      this.#notStored(transactionalId, error);
      this.#timers.set(
        transactionalId,
        this.#clock.after(this.#settings.retryMs, () => this.#timeOut(transactionalId)),
      );
    }
  }

  #cancelTimer(transactionalId: string): void {
    this.#timers.get(transactionalId)?.();
    this.#timers.delete(transactionalId);
  }

  #notStored(transactionalId: string, error: unknown): number {
    this.#options.logger.error('transaction could not be stored', { transactionalId, reason: String(error) });
    return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.after(this.#settings.expirationCheckIntervalMs, () => {
      this.sweep();
      this.#sweepLater();
    });
  }
}

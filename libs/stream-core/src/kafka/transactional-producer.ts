import type { Headers } from '../processor/headers.ts';
import { BatchProducer } from './batch-producer.ts';
import type { BatchProducerOptions } from './batch-producer.ts';
import { BrokerError } from './errors.ts';
import type { GroupMember } from './group-member.ts';
import type { PartitionCommit } from './group-types.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { PartitionFollower } from './partition-follower.ts';
import type { OutputOrigin } from '../processor/record-collector.ts';
import { abortError, Transaction } from './transaction.ts';

/** How a `TransactionalProducer` writes. */
export interface TransactionalProducerOptions extends BatchProducerOptions {
  /** One producer at a time has it; the next one with the same id fences the one before and aborts what that left open. */
  readonly transactionalId: string;
  /** The id is nobody else's, and whoever fences it only means to abort what it left open: `abort` takes it back. Default false. */
  readonly isIdExclusive?: boolean;
  /** After this long the broker aborts by itself. Default 60,000; not more than the broker's `transaction.max.timeout.ms`. */
  readonly transactionTimeoutMs?: number;
}

/** Offsets that become committed with the transaction, and the member in whose name. */
export interface TransactionOffsets {
  readonly member: Pick<GroupMember, 'groupId' | 'commitInTransaction'>;
  readonly offsets: readonly PartitionCommit[];
}

const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Writes in transactions that follow one another without a gap: what is appended while a commit is under way belongs to
 * the next one and waits in memory. One commit or abort at a time.
 */
export class TransactionalProducer {
  readonly #producer: BatchProducer;
  readonly #transaction: Transaction;
  #failure: unknown;
  /** Aborts so far: what an older commit comes to does not matter any more. */
  #aborts = 0;
  #committed = 0;
  #aborting: Promise<void> | undefined;
  readonly #onProgress: (() => void) | undefined;
  readonly #isIdExclusive: boolean;

  constructor(client: KafkaClient, options: TransactionalProducerOptions) {
    const { transactionalId, transactionTimeoutMs = DEFAULT_TRANSACTION_TIMEOUT_MS } = options;
    this.#transaction = new Transaction(client.cluster, transactionalId, transactionTimeoutMs, {
      admitted: () => this.#producer.wake(),
      failed: (error) => this.#producer.fail(error),
    });
    this.#producer = new BatchProducer(client, options, this.#transaction);
    this.#onProgress = options.onProgress;
    this.#isIdExclusive = options.isIdExclusive ?? false;
  }

  /** Fences a predecessor of the same transactional id and aborts what that left open. Rejects with `BrokerError`. */
  begin(): Promise<void> {
    return this.#transaction.begin();
  }

  /** As `BatchProducer.append`: the record is taken in any case; false means to wait for `drained()`. */
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: Headers,
    origin?: OutputOrigin,
  ): boolean {
    return this.#producer.append(topic, partition, timestamp, key, value, headers, origin);
  }

  /** Resolves when fewer bytes wait than `maxBufferedBytes`. */
  drained(): Promise<void> {
    return this.#producer.drained();
  }

  /** As `BatchProducer.hurry`. */
  hurry(): void {
    this.#producer.hurry();
  }

  /** As `BatchProducer.follow`. */
  follow(topic: string, partition: number, end: number): PartitionFollower {
    return this.#producer.follow(topic, partition, end);
  }

  /** How many records have been appended: a mark to compare with `committed`. */
  get position(): number {
    return this.#producer.position;
  }

  /** Every record appended before this mark is committed, or was taken back by `abort`. */
  get committed(): number {
    return this.#committed;
  }

  /** The first error of the transaction that is written now; it can only be aborted. */
  get error(): Error | undefined {
    return this.#producer.error;
  }

  get bufferedBytes(): number {
    return this.#producer.bufferedBytes;
  }

  /**
   * Makes everything visible that was appended before the call, together with `offsets`. After a rejection (`BrokerError`;
   * `rejoin` or `fenced` when the offsets are no longer the member's) only `abort` helps.
   */
  async commit(offsets?: TransactionOffsets): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#producer.hold();
    const { position } = this.#producer;
    const aborts = this.#aborts;
    try {
      const added =
        offsets === undefined || offsets.offsets.length === 0
          ? undefined
          : this.#transaction.addOffsets(offsets.member, offsets.offsets);
      await Promise.all([this.#producer.flush(), added]);
      await this.#transaction.commit();
    } catch (error) {
      if (aborts === this.#aborts) this.#failure = error;
      throw error;
    }
    this.#committed = position;
    this.#producer.release();
    this.#onProgress?.();
  }

  /** Takes back everything that is not committed, what was appended during a failed commit too. Rejects with `BrokerError`; `fenced` when another producer has the transactional id: then this one is of no more use. */
  abort(): Promise<void> {
    this.#aborting ??= this.#abort().finally(() => (this.#aborting = undefined));
    return this.#aborting;
  }

  /** Drops and aborts what is not committed, waiting two seconds at most, and closes the sockets. Never rejects. */
  async close(): Promise<void> {
    await this.#producer.reset(abortError('the producer was closed'));
    await this.#transaction.close();
    await this.#producer.close(0).catch(() => undefined);
  }

  async #abort(): Promise<void> {
    this.#aborts++;
    await this.#transaction.abandon();
    await this.#producer.reset(abortError('the transaction was aborted'));
    await this.#beginAgain();
    this.#failure = undefined;
    this.#committed = this.#producer.position;
    this.#producer.release();
  }

  async #beginAgain(): Promise<void> {
    try {
      await this.#transaction.begin();
    } catch (error) {
      const wasFenced = error instanceof BrokerError && error.recovery === 'fenced';
      if (!wasFenced || !this.#isIdExclusive) throw error;
      this.#transaction.forgetEpoch();
      await this.#transaction.begin();
    }
  }
}

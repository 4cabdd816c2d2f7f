// One transactional id's life (KIP-98, KIP-360, KIP-447):
//
//   ──begin: InitProducerId──▶ ready ──admit: AddPartitionsToTxn, addOffsets: AddOffsetsToTxn, TxnOffsetCommit──▶ open
//     ▲                          ▲                                                                              │ │
//     │                          └────────────────────────── commit: EndTxn ────────────────────────────────────┘ │
//     └────────────────────────────────────────── abandon ────────────────────────────────────────────────────────┘
//
// What is to be part of a transaction is asked for at the same time, and written when all of that was taken: a broker that
// gets records or offsets looks at the transaction (KIP-890), and is told to come back while the coordinator changes it.
// So a commit is three round trips one after the other: Add*, Produce beside TxnOffsetCommit, EndTxn.
//
// Whatever went wrong, `abandon` and `begin` are the way back: InitProducerId from the last epoch aborts what is open at
// the broker and gives the next epoch, so that late requests of the old one are refused.
import { ErrorCode } from '@playhead/kafka-protocol';
import type { addPartitionsToTxnApi, ResponseOf } from '@playhead/kafka-protocol';
import type { BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { Coordinator } from './coordinator.ts';
import { BrokerError } from './errors.ts';
import type { GroupMember } from './group-member.ts';
import type { PartitionCommit } from './group-types.ts';
import { groupByTopic } from './partition-map.ts';
import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';
import type { ProducerSession } from './producer-session.ts';
import { atMost, backoffMs, retrying } from './retry.ts';

/** How a broker says that it is completing the transaction before this one, or looking whether there is this one (KIP-890): that takes it milliseconds. */
const PASSING: ReadonlySet<number | undefined> = new Set([
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
]);
const PASSING_PAUSE_MS = 1;
/** After so many it is something else. */
const MAX_PASSING = 20;
/** Of transactions that are never begun. */
const FENCE_TIMEOUT_MS = 10_000;
const NO_IDENTITY: ProducerIdentity = { producerId: -1, producerEpoch: -1 };
/** A coordinator that is away must not hold up a process that ends: the transaction times out by itself. */
const LEAVE_TIMEOUT_MS = 2_000;

/** What a transaction tells its producer. */
export interface TransactionEvents {
  /** More partitions may be written to. */
  admitted(): void;
  /** The partitions' records cannot be written: the transaction has to be abandoned. */
  failed(error: Error): void;
}

/** The transactions of one transactional id, one after the other. */
export class Transaction implements ProducerSession {
  readonly transactionalId: string;
  readonly #cluster: Cluster;
  readonly #timeoutMs: number;
  readonly #events: TransactionEvents;
  readonly #coordinator: Coordinator;
  readonly #sockets: BrokerSockets;
  /** Partitions that are part of the transaction. Bounded by the partitions that are written to. */
  readonly #partitions = new Set<ProducePartition>();
  #identity: ProducerIdentity | undefined;
  /** The latest one there was; only its owner gets the next epoch. */
  #latest = NO_IDENTITY;
  #asking: Promise<ProducerIdentity> | undefined;
  #adding: Promise<void> | undefined;
  #addingOffsets: Promise<unknown> | undefined;
  #hasOffsets = false;
  /** The broker was asked to make something part of the transaction, so it may have begun. */
  #mayBeOpen = false;
  /** Aborted with the transaction: nobody goes on trying for it. */
  #attempts = new AbortController();
  /** Aborted when the coordinator has taken something: whatever waits for the transaction before this one need not wait any longer. */
  #taken = new AbortController();

  constructor(cluster: Cluster, transactionalId: string, timeoutMs: number, events: TransactionEvents) {
    this.#cluster = cluster;
    this.transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
    this.#events = events;
    this.#coordinator = new Coordinator(cluster, 'transaction', transactionalId);
    this.#sockets = cluster.openSockets();
  }

  get current(): ProducerIdentity | undefined {
    return this.#identity;
  }

  /** Makes sure of an identity, which fences whoever had the transactional id before and aborts what that left open. Rejects with `BrokerError`; `fenced` when a later producer has the id. */
  async begin(): Promise<void> {
    await this.#retrying(() => this.get(undefined));
  }

  /** One attempt at an identity. A spent one cannot be replaced within a transaction. */
  get(spent: ProducerIdentity | undefined): Promise<ProducerIdentity> {
    if (spent !== undefined)
      return Promise.reject(
        abortError(`a batch of transaction ${this.transactionalId} cannot be written in order any more`),
      );
    if (this.#identity !== undefined) return Promise.resolve(this.#identity);
    this.#asking ??= this.#initialize().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  admit(partitions: ReadonlySet<ProducePartition>): Iterable<ProducePartition> {
    const admitted: ProducePartition[] = [];
    const others: ProducePartition[] = [];
    for (const partition of partitions) {
      if (this.#partitions.has(partition)) admitted.push(partition);
      else if (partition.isReady) others.push(partition);
    }
    if (others.length > 0 && this.#adding === undefined) {
      this.#adding = this.#add(others).finally(() => {
        this.#adding = undefined;
        this.#events.admitted();
      });
    }
    return admitted;
  }

  /** Makes `offsets` part of the transaction, in the name of the member's generation. Rejects with `BrokerError` (`rejoin`, `fenced`: the partitions are no longer the member's). */
  async addOffsets(
    member: Pick<GroupMember, 'groupId' | 'commitInTransaction'>,
    offsets: readonly PartitionCommit[],
  ): Promise<void> {
    const identity = await this.#retrying(() => this.get(undefined));
    const { transactionalId } = this;
    if (!this.#hasOffsets) {
      this.#mayBeOpen = true;
      const request = { transactionalId, ...identity, groupId: member.groupId };
      this.#addingOffsets = this.#insist(calls.addOffsetsToTxn, request, ({ errorCode }) => errorCode);
      try {
        await this.#addingOffsets;
      } finally {
        this.#addingOffsets = undefined;
      }
      this.#hasOffsets = true;
      this.#noteTaken();
    }
    await this.#adding;
    await this.#retrying(() => member.commitInTransaction({ transactionalId, ...identity }, offsets));
  }

  /**
   * Without effect when nothing is part of the transaction. Rejects with `BrokerError`; whether the transaction was
   * committed is then not known: once `begin` has resolved, the group's committed offsets say.
   */
  async commit(): Promise<void> {
    const { signal } = this.#attempts;
    await this.#adding;
    this.#throwIfAbandoned(signal);
    if (!this.#mayBeOpen) return;
    const request = { transactionalId: this.transactionalId, ...this.#present(), committed: true };
    await this.#insist(calls.endTxn, request, ({ errorCode }) => errorCode);
    this.#partitions.clear();
    this.#hasOffsets = false;
    this.#mayBeOpen = false;
  }

  /** After a fence: `begin` takes the id from whoever has it now, as a new producer does. */
  forgetEpoch(): void {
    this.#latest = NO_IDENTITY;
  }

  /** Gives the transaction up. The broker aborts it when `begin` asks for the next epoch. */
  async abandon(): Promise<void> {
    this.#attempts.abort();
    this.#attempts = new AbortController();
    this.#identity = undefined;
    await this.#adding;
    this.#partitions.clear();
    this.#hasOffsets = false;
  }

  /** Aborts what may be open, if the coordinator answers within two seconds. Never rejects. */
  async close(): Promise<void> {
    this.#attempts.abort();
    try {
      // Not EndTxn: only the next epoch refuses a batch that is still on its way. Behind the abort's marker it would hold up readers for good.
      if (this.#mayBeOpen) await atMost(this.#initialize(), LEAVE_TIMEOUT_MS);
    } catch (error) {
      // CONCURRENT_TRANSACTIONS says that the abort has begun.
      this.#cluster.logger.debug({ transactionalId: this.transactionalId, error: String(error) }, 'could not abort');
    }
    this.#cluster.closeSockets(this.#sockets);
  }

  async #add(partitions: readonly ProducePartition[]): Promise<void> {
    const topics = Array.from(groupByTopic(partitions), ([name, group]) => ({
      name,
      partitions: group.map(({ partition }) => partition),
    }));
    const request = { transactionalId: this.transactionalId, ...this.#present(), topics };
    this.#mayBeOpen = true;
    try {
      await this.#insist(calls.addPartitionsToTxn, request, refusalIn);
      await this.#addingOffsets?.catch(() => undefined);
      for (const partition of partitions) this.#partitions.add(partition);
      this.#noteTaken();
    } catch (error) {
      this.#events.failed(error as BrokerError);
    }
  }

  async #initialize(): Promise<ProducerIdentity> {
    const { producerId, producerEpoch } = await this.#ask(
      calls.initTransactions,
      {
        transactionalId: this.transactionalId,
        transactionTimeoutMs: this.#timeoutMs,
        ...this.#latest,
      },
      ({ errorCode }) => errorCode,
    );
    this.#latest = { producerId, producerEpoch };
    this.#identity = this.#latest;
    this.#mayBeOpen = false;
    return this.#identity;
  }

  #present(): ProducerIdentity {
    if (this.#identity === undefined) throw new TypeError('no producer id yet');
    return this.#identity;
  }

  #insist<In, Out>(call: Call<In, Out>, request: In, codeOf: (answer: Out) => number): Promise<Out> {
    return this.#retrying(() => this.#ask(call, request, codeOf));
  }

  #ask<In, Out>(call: Call<In, Out>, request: In, codeOf: (answer: Out) => number): Promise<Out> {
    return this.#coordinator.ask(this.#sockets, call, request, codeOf);
  }

  /** Rejects when the transaction was abandoned meanwhile, whatever came of the attempt. */
  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const { signal } = this.#attempts;
    try {
      return await retrying(attempt, {
        timeoutMs: this.#cluster.retryTimeoutMs,
        signal,
        pauseMs: pauseAfter,
        sooner: () => this.#taken.signal,
      });
    } finally {
      this.#throwIfAbandoned(signal);
    }
  }

  #noteTaken(): void {
    this.#taken.abort();
    this.#taken = new AbortController();
  }

  #throwIfAbandoned(signal: AbortSignal): void {
    if (signal.aborted) throw abortError(`transaction ${this.transactionalId} was abandoned`);
  }
}

/** Aborts what a producer that is gone left open under its id, without waiting for the transaction's timeout. Rejects with `BrokerError`. */
export async function fenceTransactionalId(cluster: Cluster, transactionalId: string): Promise<void> {
  const ignore = (): void => undefined;
  const transaction = new Transaction(cluster, transactionalId, FENCE_TIMEOUT_MS, { admitted: ignore, failed: ignore });
  try {
    await transaction.begin();
  } finally {
    await transaction.close();
  }
}

/** What went wrong concerns this transaction only: it has to be aborted, or has been. */
export function abortError(message: string): BrokerError {
  return new BrokerError(message, { reason: 'TRANSACTION_ABORTED', recovery: 'fatal' });
}

function pauseAfter({ brokerCode }: BrokerError, repetition: number): number {
  if (!PASSING.has(brokerCode)) return backoffMs(repetition);
  return repetition <= MAX_PASSING ? PASSING_PAUSE_MS : backoffMs(repetition - MAX_PASSING);
}

/** The refusal of one partition leaves the others out with OPERATION_NOT_ATTEMPTED, which says nothing. */
function refusalIn({ resultsByTopic }: ResponseOf<typeof addPartitionsToTxnApi>): number {
  const codes = resultsByTopic.flatMap(({ resultsByPartition }) =>
    resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
  );
  const refused = codes.filter((code) => code !== 0);
  return refused.find((code) => code !== ErrorCode.OPERATION_NOT_ATTEMPTED) ?? refused[0] ?? 0;
}

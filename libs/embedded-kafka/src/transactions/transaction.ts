// The states of a transactional id, with Kafka's names. Every arrow is an entry in the transaction log before anything else happens.
//
//            init                 add partitions, add offsets            end: commit            markers, offsets
//   (new) ────────▶ Empty ───────────────────────────────────▶ Ongoing ────────────▶ PrepareCommit ───────────▶ CompleteCommit
//                     ▲                                          ▲  │                                               │    │
//                     │                                          │  │ end: abort                                    │    │
//                     │ init (epoch + 1)                         │  │ timed out, or init: epoch + 1                 │    │
//                     │                                          │  ▼                   markers                     │    │
//                     │                                          │ PrepareAbort ────────────▶ CompleteAbort         │    │
//                     │                                          │                              │  │                │    │
//                     │                                          └──────── add ─────────────────┘──┼──── add ───────┘    │
//                     └────────────────────────────────────────────────────────────────────────────┴─────── init ────────┘
//
// What is prepared is decided: a start finishes it, and so does a retry when the disk refused a marker. Meanwhile requests are answered CONCURRENT_TRANSACTIONS.

/** The state of a transactional id. */
export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort';

/** A partition that a transaction may write, or has written. */
export interface TransactionPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A transactional id as the transaction log has it. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The producer id before the epochs of it ran out, −1 if there was none: a retry of that change is known by it. */
  readonly previousProducerId: number;
  /** The epoch before it was raised at its producer's own request or by a time-out, else −1: a retry of that request is known by it (KIP-360). */
  readonly previousEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  /** Of the transaction that is under way. */
  readonly partitions: readonly TransactionPartition[];
  /** Groups whose offsets are part of it. */
  readonly groups: readonly string[];
  /** When it began, −1 if none is under way; milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly changedAtMs: number;
}

/** Whether the decision has been made and not been carried out yet. */
export const isPrepared = ({ state }: Transaction): boolean => state === 'PrepareCommit' || state === 'PrepareAbort';

/** The transaction, decided. With `fence` its producer's epoch ends with it. */
export function prepared(
  transaction: Transaction,
  committed: boolean,
  nowMs: number,
  { fence = false }: { readonly fence?: boolean } = {},
): Transaction {
  const { producerEpoch } = transaction;
  return {
    ...transaction,
    ...(fence ? { producerEpoch: producerEpoch + 1, previousEpoch: producerEpoch } : {}),
    state: committed ? 'PrepareCommit' : 'PrepareAbort',
    changedAtMs: nowMs,
  };
}

/** The decided transaction, carried out. */
export function completed(transaction: Transaction, nowMs: number): Transaction {
  return {
    ...transaction,
    state: transaction.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: [],
    groups: [],
    startedAtMs: -1,
    changedAtMs: nowMs,
  };
}

/** The transaction with more partitions and groups in it; the first ones begin it. */
export function extended(
  transaction: Transaction,
  added: { readonly partitions?: readonly TransactionPartition[]; readonly groups?: readonly string[] },
  nowMs: number,
): Transaction {
  const { partitions = [], groups = [] } = added;
  return {
    ...transaction,
    state: 'Ongoing',
    partitions: [...transaction.partitions, ...partitions.filter((one) => !hasPartition(transaction, one))],
    groups: [...transaction.groups, ...groups.filter((group) => !transaction.groups.includes(group))],
    startedAtMs: transaction.state === 'Ongoing' ? transaction.startedAtMs : nowMs,
    changedAtMs: nowMs,
  };
}

/** Whether a partition is part of the transaction that is under way. */
export function hasPartition({ partitions }: Transaction, { topic, partition }: TransactionPartition): boolean {
  return partitions.some((one) => one.partition === partition && one.topic === topic);
}

/** What a log line says of a transaction. */
export function logFields({ transactionalId, producerId, producerEpoch, state }: Transaction): Record<string, unknown> {
  return { transactionalId, producerId, producerEpoch, state };
}

/** Limits and times of the transaction coordinator; the defaults are Kafka's unless a comment says otherwise. */
export interface TransactionSettings {
  /** A greater `transaction.timeout.ms` of a producer is refused with 50. */
  readonly maxTimeoutMs: number;
  /** A transactional id is forgotten when nothing was heard of it for so long. */
  readonly idExpirationMs: number;
  readonly expirationCheckIntervalMs: number;
  /** Most transactional ids. Kafka has no limit. */
  readonly maxTransactionalIds: number;
  /** Most groups whose offsets one transaction may have. Kafka's is the number of partitions of its offsets topic. */
  readonly maxGroupsPerTransaction: number;
  /** After how long a decided transaction that the disk did not take is tried again. */
  readonly retryMs: number;
  /** The transaction log is rewritten when it is larger than this and has doubled since it was last. Kafka compacts a topic instead. */
  readonly compactAboveBytes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const DEFAULT_TRANSACTION_SETTINGS: TransactionSettings = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 7 * DAY_MS,
  expirationCheckIntervalMs: 3_600_000,
  maxTransactionalIds: 10_000,
  maxGroupsPerTransaction: 1000,
  retryMs: 1000,
  compactAboveBytes: 4 * 1024 * 1024,
};

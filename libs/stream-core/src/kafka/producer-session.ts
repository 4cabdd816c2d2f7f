import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';

/** In whose name a producer writes: alone (`ProducerIdentities`), or within a transaction (`Transaction`). */
export interface ProducerSession {
  /** Null: batches are idempotent and belong to no transaction. */
  readonly transactionalId: string | null;
  /** Undefined until `get` has been called. */
  readonly current: ProducerIdentity | undefined;
  /** An identity other than `spent`. One attempt; rejects with `BrokerError`, a fatal one where there can be no other. */
  get(spent: ProducerIdentity | undefined): Promise<ProducerIdentity>;
  /** Those of `partitions` that may be sent to now; it sees to the ready ones among the others, and says so when they may. */
  admit(partitions: ReadonlySet<ProducePartition>): Iterable<ProducePartition>;
}

import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { brokerError } from './errors.ts';
import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';
import type { ProducerSession } from './producer-session.ts';

/** For a producer without transactions the broker ignores it. */
const UNUSED_TRANSACTION_TIMEOUT_MS = 60_000;

/** Producer ids of one producer: one at first, another whenever a partition can no longer go on with its own. */
export class ProducerIdentities implements ProducerSession {
  readonly transactionalId = null;
  readonly #cluster: Cluster;
  #current: ProducerIdentity | undefined;
  #asking: Promise<ProducerIdentity> | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get current(): ProducerIdentity | undefined {
    return this.#current;
  }

  /** An identity other than `spent`. One attempt; rejects with `BrokerError`. */
  get(spent: ProducerIdentity | undefined): Promise<ProducerIdentity> {
    if (this.#current !== undefined && this.#current !== spent) return Promise.resolve(this.#current);
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  admit(partitions: ReadonlySet<ProducePartition>): Iterable<ProducePartition> {
    return partitions;
  }

  async #ask(): Promise<ProducerIdentity> {
    const { errorCode, producerId, producerEpoch } = await this.#cluster.askAny(calls.initProducerId, {
      transactionalId: null,
      transactionTimeoutMs: UNUSED_TRANSACTION_TIMEOUT_MS,
    });
    if (errorCode !== 0) throw brokerError(errorCode, 'get a producer id');
    this.#current = { producerId, producerEpoch };
    return this.#current;
  }
}

import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';
import type { ProducePartition, ProducerIdentity } from './produce-partition.ts';
import type { ProducerSession } from './producer-session.ts';

/** For a producer without transactions the broker ignores it. */
const UNUSED_TRANSACTION_TIMEOUT_MS = 60_000;

/** Producer ids of one producer: one at first, another whenever a partition can no longer go on with its own. */
export class ProducerIdentities implements ProducerSession {
  readonly transactionalId = null;
  readonly #cluster: Cluster;
  readonly #mayWrite: () => boolean;
  #current: ProducerIdentity | undefined;
  #asking: Promise<ProducerIdentity> | undefined;

  /** While `mayWrite` is false nothing is sent; what waits is tried again until its delivery time-out. */
  constructor(cluster: Cluster, mayWrite: () => boolean = () => true) {
    this.#cluster = cluster;
    this.#mayWrite = mayWrite;
  }

  get current(): ProducerIdentity | undefined {
    return this.#mayWrite() ? this.#current : undefined;
  }

  /** The next batches are another producer's. */
  forget(): void {
    this.#current = undefined;
  }

  /** An identity other than `spent`. One attempt; rejects with `BrokerError`. */
  get(spent: ProducerIdentity | undefined): Promise<ProducerIdentity> {
    if (!this.#mayWrite()) {
      const message = 'nothing may be written now: the session of the group member is over';
      return Promise.reject(new BrokerError(message, { reason: 'SESSION_TIMED_OUT', recovery: 'retry' }));
    }
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

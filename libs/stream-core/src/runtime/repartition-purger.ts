/**
 * Repartition topics keep their records for ever (`retention.ms` −1), because only the application knows when a record
 * has been read: what is committed is deleted from time to time, as Kafka Streams does.
 */
import type { PartitionCommit } from '../kafka/group-types.ts';
import type { Logger, TopicPartition } from '../kafka/types.ts';

/** What a purger works with. */
export interface RepartitionPurgerOptions {
  readonly topics: ReadonlySet<string>;
  readonly intervalMs: number;
  /** `KafkaClient.deleteRecords`. */
  readonly deleteRecords: (before: readonly (TopicPartition & { readonly offset: number })[]) => Promise<void>;
  readonly logger: Logger;
}

/** Deletes what is committed of repartition topics. */
export class RepartitionPurger {
  readonly #options: RepartitionPurgerOptions;
  readonly #committed = new Map<string, TopicPartition & { readonly offset: number }>();
  #lastStart = performance.now();
  #running = false;

  constructor(options: RepartitionPurgerOptions) {
    this.#options = options;
  }

  /** To be called with what has been committed. Deletes in the background when the interval is over; a failure is logged and made up for the next time. */
  onCommitted(offsets: readonly PartitionCommit[]): void {
    const { topics, intervalMs } = this.#options;
    if (topics.size === 0) return;
    for (const { topic, partition, offset } of offsets) {
      if (topics.has(topic)) this.#committed.set(`${topic}/${partition}`, { topic, partition, offset });
    }
    if (this.#running || this.#committed.size === 0 || performance.now() - this.#lastStart < intervalMs) return;
    this.#lastStart = performance.now();
    this.#running = true;
    void this.#purge([...this.#committed.values()]);
    this.#committed.clear();
  }

  async #purge(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    const { deleteRecords, logger } = this.#options;
    try {
      await deleteRecords(before);
    } catch (error) {
      logger.warn({ err: error }, 'repartition topics could not be purged; it will be tried again');
    }
    this.#running = false;
  }
}

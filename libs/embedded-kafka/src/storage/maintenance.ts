import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BrokerLogger } from '../logger.ts';
import type { TopicStore } from './topic-store.ts';

/** When the housekeeping runs and what it forgets. */
export interface MaintenanceOptions {
  readonly intervalMs: number;
  /** An idempotent producer that is silent for so long is forgotten. */
  readonly producerExpiryMs: number;
  readonly logger: BrokerLogger;
  now(): number;
}

/**
 * Retention, expiry of producers and checkpoints, one partition per turn of the event loop, so that no request waits for more than one partition's share
 * (renames and one small file; the space of large files is freed in the thread pool).
 */
export class Maintenance {
  readonly #topics: TopicStore;
  readonly #options: MaintenanceOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #running: Promise<void> | null = null;

  constructor(topics: TopicStore, options: MaintenanceOptions) {
    this.#topics = topics;
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.intervalMs);
    this.#timer.unref();
  }

  /** One round over all partitions; a round that is under way is joined instead. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Ends after the partition at hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const { logger, producerExpiryMs, now } = this.#options;
    for (const { name, logs } of this.#topics.all()) {
      for (const [partition, log] of logs.entries()) {
        await nextTurn();
        if (this.#stopped) return;
        if (log.closed) continue;
        try {
          const dropped = log.applyRetention(now());
          if (dropped > 0)
            logger.info('segments dropped', { topic: name, partition, dropped, logStartOffset: log.logStartOffset });
          log.expireProducers(now() - producerExpiryMs);
          log.checkpoint();
        } catch (error) {
          logger.error('maintenance of a partition failed', { topic: name, partition, error: String(error) });
        }
      }
    }
  }
}

import type { BrokerLogger } from '../logger.ts';
import { LogCleaner } from './compaction/log-cleaner.ts';
import { Maintenance } from './maintenance.ts';
import type { TopicStore } from './topic-store.ts';

/** When the work behind the requests runs; named as in the broker's options. */
export interface HousekeepingOptions {
  readonly maintenanceIntervalMs: number;
  readonly producerExpiryMs: number;
  readonly compactionIntervalMs: number;
  readonly compactionMapBytes: number;
  readonly logger: BrokerLogger;
}

/** Maintenance and compaction, which run beside each other: a long compaction keeps nothing from its retention. */
export interface Housekeeping {
  /** One round of each, now. */
  run(): Promise<void>;
  /** Ends what is under way at the next partition or batch. */
  stop(): Promise<void>;
}

/** Starts both; they stop with {@link Housekeeping.stop} and keep no process alive. */
export function startHousekeeping(topics: TopicStore, options: HousekeepingOptions): Housekeeping {
  const { maintenanceIntervalMs, producerExpiryMs, compactionIntervalMs, compactionMapBytes, logger } = options;
  const now = (): number => Date.now();
  const maintenance = new Maintenance(topics, { intervalMs: maintenanceIntervalMs, producerExpiryMs, logger, now });
  const cleaner = new LogCleaner(topics, {
    intervalMs: compactionIntervalMs,
    maxMapBytes: compactionMapBytes,
    logger,
    now,
  });
  maintenance.start();
  cleaner.start();
  return {
    async run() {
      await maintenance.run();
      await cleaner.run();
    },
    async stop() {
      await Promise.all([maintenance.stop(), cleaner.stop()]);
    },
  };
}

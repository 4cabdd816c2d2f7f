import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { GroupSettings } from './groups/group-settings.ts';
import { silentLogger, type BrokerLogger } from './logger.ts';
import type { TransactionSettings } from './transactions/transaction-settings.ts';

/** Everything that can be set about a broker; only the data directory has no default. */
export interface BrokerOptions {
  /** Topics, offsets and schemas; created if need be. One broker at a time. */
  readonly dataDir: string;
  /** A loopback address: this broker is not for networks. Default 127.0.0.1, which is also what clients are told. */
  readonly host?: string;
  /** Default 9092; 0 takes a free one. */
  readonly port?: number;
  /** The Schema Registry's port. Default 8081; 0 takes a free one. */
  readonly registryPort?: number;
  readonly logger?: BrokerLogger;
  /** Force every acknowledged write to the disk. Default false, as in Kafka: acknowledged data survives the death of the process, not a power failure. */
  readonly sync?: boolean;
  /** Partitions of a topic that is created without a number. Default 4. */
  readonly defaultPartitions?: number;
  /** Create a topic that a client asks for and allows to be created. Default true, as in Kafka. */
  readonly autoCreateTopics?: boolean;
  /** Default 1000. */
  readonly maxConnections?: number;
  /** Largest request. Default 100 MiB, as in Kafka. */
  readonly maxFrameBytes?: number;
  /** Largest response to a Fetch, one batch excepted. Default 55 MiB, as in Kafka. */
  readonly maxFetchBytes?: number;
  /** Partitions of all topics together. Default 4000. */
  readonly maxPartitions?: number;
  /** Log files held open at a time. Default 500. */
  readonly maxOpenFiles?: number;
  /** Idempotent producers remembered per partition. Default 10,000. */
  readonly maxProducersPerPartition?: number;
  /** An idempotent producer silent for so long is forgotten. Default a day, as in Kafka. */
  readonly producerExpiryMs?: number;
  /** How often retention, expiry and checkpoints run. Default 30 s. */
  readonly maintenanceIntervalMs?: number;
  /** How often logs are looked over for something to compact. Default 15 s, as in Kafka. */
  readonly compactionIntervalMs?: number;
  /** Memory for the keys of a log while it is compacted; one with more keys takes several passes. Default 16 MiB, about 200,000 keys. */
  readonly compactionMapBytes?: number;
  /** A connection on which nothing moves for so long is closed. Default 10 minutes, as in Kafka. */
  readonly idleTimeoutMs?: number;
  /** Bounds and times of consumer groups; the others keep their defaults. */
  readonly groups?: Partial<GroupSettings>;
  /** Bounds and times of transactions; the others keep their defaults. */
  readonly transactions?: Partial<TransactionSettings>;
}

/** Options with their defaults filled in. */
export type ResolvedBrokerOptions = Required<BrokerOptions>;

const DEFAULTS = {
  host: '127.0.0.1',
  port: 9092,
  registryPort: 8081,
  logger: silentLogger,
  sync: false,
  defaultPartitions: 4,
  autoCreateTopics: true,
  maxConnections: 1000,
  maxFrameBytes: 100 * 1024 * 1024,
  maxFetchBytes: 55 * 1024 * 1024,
  maxPartitions: 4000,
  maxOpenFiles: 500,
  maxProducersPerPartition: 10_000,
  producerExpiryMs: 86_400_000,
  maintenanceIntervalMs: 30_000,
  compactionIntervalMs: 15_000,
  compactionMapBytes: 16 * 1024 * 1024,
  idleTimeoutMs: 600_000,
  groups: {},
  transactions: {},
} as const;

/** Fills in the defaults. Throws where the host is no loopback address. */
export function resolveOptions(options: BrokerOptions): ResolvedBrokerOptions {
  const resolved = { ...DEFAULTS, ...options, dataDir: resolve(options.dataDir) };
  if (!isLoopback(resolved.host)) {
    throw new Error(`the development broker listens on loopback addresses only, got host ${resolved.host}`);
  }
  return resolved;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

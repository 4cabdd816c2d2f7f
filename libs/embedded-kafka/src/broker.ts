import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createHandlers } from './apis/index.ts';
import { GroupCoordinator } from './groups/group-coordinator.ts';
import { resolveOptions, type BrokerOptions, type ResolvedBrokerOptions } from './broker-options.ts';
import { startSchemaRegistry } from './schema-registry/start-schema-registry.ts';
import { BrokerControl } from './server/control.ts';
import { Dispatcher } from './server/dispatcher.ts';
import { TcpServer } from './server/tcp-server.ts';
import { readFileIfThere, writeFileAtomically } from './storage/atomic-file.ts';
import { DataLock } from './storage/data-lock.ts';
import { startHousekeeping } from './storage/housekeeping.ts';
import { ProducerIds } from './storage/producer-ids.ts';
import { TopicStore } from './storage/topic-store.ts';
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts';
import { DEFAULT_TRANSACTION_SETTINGS } from './transactions/transaction-settings.ts';

/** The broker's id. Not 0, which some clients take for "unknown". */
const NODE_ID = 1;

/** A broker that serves. */
export interface RunningBroker {
  readonly port: number;
  readonly registryPort: number;
  /** An absolute path. */
  readonly dataDir: string;
  /** Hooks for tests. */
  readonly control: BrokerControl;
  /** Runs one round of retention, expiry, checkpoints and compaction now. */
  maintain(): Promise<void>;
  /** Ends all connections, saves what a fast start needs, releases the data directory. May be called twice. */
  close(): Promise<void>;
}

/** A port is taken; `setting` says which of the options named it. */
export class PortInUseError extends Error {
  readonly setting: 'port' | 'registryPort';
  readonly port: number;

  constructor(setting: 'port' | 'registryPort', port: number, options?: ErrorOptions) {
    super(`${setting} ${port} is in use`, options);
    this.name = 'PortInUseError';
    this.setting = setting;
    this.port = port;
  }
}

type Cleanup = () => Promise<void> | void;

/**
 * Starts a broker and its Schema Registry. Resolves when both serve, with everything acknowledged before in place. Rejects with {@link PortInUseError} or
 * DataDirectoryInUseError, and then holds neither port nor directory.
 */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  const resolved = resolveOptions(options);
  const cleanups: Cleanup[] = [];
  const closeAll = async (): Promise<void> => {
    for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
  };
  try {
    return await start(resolved, cleanups, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  options: ResolvedBrokerOptions,
  cleanups: Cleanup[],
  closeAll: () => Promise<void>,
): Promise<RunningBroker> {
  const { dataDir, host, logger, sync } = options;
  const lock = await DataLock.take(dataDir);
  cleanups.push(() => lock.release());
  // Both ports are taken before the logs are read, so that a clash is told at once.
  const server = await TcpServer.listen(options).catch(inUse('port', options.port));
  cleanups.push(() => server.close());
  const registry = await startSchemaRegistry({ dataDir, port: options.registryPort, host, logger }).catch(
    inUse('registryPort', options.registryPort),
  );
  cleanups.push(() => registry.close());

  const topics = new TopicStore(options);
  await topics.open();
  const groups = new GroupCoordinator({ dataDir, topics, logger, sync, settings: options.groups });
  const producerIds = new ProducerIds(dataDir, sync);
  const transactions = new TransactionCoordinator({
    dataDir,
    participants: { topics, offsets: groups.offsets },
    producerIds,
    logger,
    sync,
    settings: options.transactions,
  });
  // Closed after the connections, which stand behind them in the list: what is acknowledged last is in the checkpoints.
  cleanups.splice(
    1,
    0,
    () => topics.close(),
    () => groups.close(),
    () => transactions.close(),
  );
  await transactions.start();
  const now = (): number => Date.now();
  const handlers = createHandlers({
    ...options,
    nodeId: NODE_ID,
    advertised: { host, port: server.port },
    clusterId: clusterId(dataDir),
    topics,
    groups,
    producerIds,
    transactions,
    brokerSettings: brokerSettings(options, server.port),
    now,
  });
  const control = new BrokerControl((apiKey) =>
    handlers.some(({ api, failed }) => api.key === apiKey && failed !== undefined),
  );
  const housekeeping = startHousekeeping(topics, options);
  cleanups.push(() => housekeeping.stop());
  server.serve(new Dispatcher(handlers, control));
  const { port } = server;
  return { port, registryPort: registry.port, dataDir, control, maintain: () => housekeeping.run(), close: closeAll };
}

function inUse(setting: 'port' | 'registryPort', port: number): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw error.code === 'EADDRINUSE' ? new PortInUseError(setting, port, { cause: error }) : error;
  };
}

/** The data directory's identity as clients see it: 22 characters, made once. */
function clusterId(dataDir: string): string {
  const path = join(dataDir, 'cluster.json');
  const bytes = readFileIfThere(path);
  if (bytes !== null) return (JSON.parse(bytes.toString()) as { readonly clusterId: string }).clusterId;
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  writeFileAtomically(path, JSON.stringify({ clusterId }));
  return clusterId;
}

/** What DescribeConfigs says about the broker, by Kafka's names. */
function brokerSettings(options: ResolvedBrokerOptions, port: number): { name: string; value: string }[] {
  const settings: Record<string, string | number | boolean> = {
    'broker.id': NODE_ID,
    'node.id': NODE_ID,
    listeners: `PLAINTEXT://${options.host}:${port}`,
    'advertised.listeners': `PLAINTEXT://${options.host}:${port}`,
    'log.dirs': options.dataDir,
    'num.partitions': options.defaultPartitions,
    'default.replication.factor': 1,
    'auto.create.topics.enable': options.autoCreateTopics,
    'delete.topic.enable': true,
    'max.connections': options.maxConnections,
    'socket.request.max.bytes': options.maxFrameBytes,
    'fetch.max.bytes': options.maxFetchBytes,
    'connections.max.idle.ms': options.idleTimeoutMs,
    'producer.id.expiration.ms': options.producerExpiryMs,
    'transaction.max.timeout.ms': options.transactions.maxTimeoutMs ?? DEFAULT_TRANSACTION_SETTINGS.maxTimeoutMs,
    'transactional.id.expiration.ms':
      options.transactions.idExpirationMs ?? DEFAULT_TRANSACTION_SETTINGS.idExpirationMs,
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
}

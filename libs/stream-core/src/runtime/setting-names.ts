/** Node strips types, so a misspelt setting reaches the library: it is refused rather than left unread. */
import { nearName } from '../internal/near-name.ts';
import type { KafkaClientOptions, SaslOptions } from '../kafka/types.ts';
import type { LmdbOptions, RedisOptions } from './storage/state-options.ts';
import type { StreamsConfig, StreamsHandlers } from './streams-config.ts';

/** The settings of an object by name: a value, or an object whose settings are ours too. */
interface SettingNames {
  readonly [name: string]: 'value' | SettingNames;
}

/** Names every setting of `T`, so that a new one cannot be forgotten here. */
type NamesOf<T> = { readonly [K in keyof Required<T>]: 'value' | SettingNames };

const SASL: NamesOf<SaslOptions> = { mechanism: 'value', username: 'value', password: 'value' };

const KAFKA: NamesOf<KafkaClientOptions> = {
  brokers: 'value',
  clientId: 'value',
  ssl: 'value',
  sasl: SASL,
  connectionTimeoutMs: 'value',
  requestTimeoutMs: 'value',
  retryTimeoutMs: 'value',
  logger: 'value',
};

const HANDLERS: NamesOf<StreamsHandlers> = {
  deserialization: 'value',
  processing: 'value',
  production: 'value',
  uncaught: 'value',
};

const PRODUCER: NamesOf<NonNullable<StreamsConfig['producer']>> = {
  lingerMs: 'value',
  maxBatchBytes: 'value',
  maxBufferedBytes: 'value',
  compression: 'value',
};

const LMDB: NamesOf<LmdbOptions> = { stateDir: 'value', cacheBytes: 'value', cleanupDelayMs: 'value' };
const REDIS: NamesOf<RedisOptions> = { url: 'value' };

const STREAMS: NamesOf<StreamsConfig> = {
  applicationId: 'value',
  kafka: KAFKA,
  schemas: 'value',
  applicationServer: 'value',
  queryHeaders: 'value',
  queryTimeoutMs: 'value',
  queryTryTimeoutMs: 'value',
  processingGuarantee: 'value',
  transactionTimeoutMs: 'value',
  taskTimeoutMs: 'value',
  commitIntervalMs: 'value',
  commitRecords: 'value',
  commitBytes: 'value',
  sessionTimeoutMs: 'value',
  heartbeatIntervalMs: 'value',
  rebalanceTimeoutMs: 'value',
  groupInstanceId: 'value',
  numStandbyReplicas: 'value',
  acceptableRecoveryLag: 'value',
  maxWarmupReplicas: 'value',
  clientTags: 'value',
  repartitionPurgeIntervalMs: 'value',
  maxTaskIdleMs: 'value',
  maxBufferedBytes: 'value',
  sliceMs: 'value',
  cacheMaxBytes: 'value',
  replicationFactor: 'value',
  internalTopicConfigs: 'value',
  topologyChanges: 'value',
  offsetReset: 'value',
  handlers: HANDLERS,
  state: { lmdb: LMDB, redis: REDIS },
  producer: PRODUCER,
  logger: 'value',
  clock: 'value',
};

/** Names in a configuration that no setting has, each with the one that was meant, where one is near. What is undefined counts as not given. */
export function unknownSettings(config: object, names: SettingNames = STREAMS, prefix = ''): string[] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (known === undefined) {
      const meant = nearName(name, Object.keys(names));
      return [`${prefix}${name} is no setting${meant === undefined ? '' : `; did you mean ${prefix}${meant}?`}`];
    }
    if (known === 'value' || typeof value !== 'object' || value === null) return [];
    return unknownSettings(value, known, `${prefix}${name}.`);
  });
}

import { readFileSync } from 'node:fs';
import type { KafkaClientOptions, Logger } from '@playhead/stream-core/client';
import { ConfigError } from '../settings/load-settings.ts';
import type { SettingValues } from '../settings/setting.ts';
import type { SharedSettings } from '../settings/shared-settings.ts';
import { isLoopback } from '../tokens/service-identity.ts';
import type { SchemaRegistryAccess, TopicOptions } from './service-definition.ts';

type Shared = SettingValues<SharedSettings>;

/** Where `npm start` and `npm run broker` put the registry when nobody says otherwise. */
const EMBEDDED_REGISTRY_URL = 'http://127.0.0.1:8081';
const PARTITIONS = { development: 4, production: 12 };
const REPLICATION_FACTOR = { development: 1, production: 3 };

/** How a client reaches Kafka. Throws `ConfigError` for a login that is half given or a file that cannot be read. */
export function kafkaOptions(clientId: string, settings: Shared, logger: Logger): KafkaClientOptions {
  const sasl = saslOptions(settings);
  const ca = settings.KAFKA_SSL_CA_FILE === undefined ? undefined : readCertificate(settings.KAFKA_SSL_CA_FILE);
  return {
    brokers: settings.KAFKA_BROKERS,
    clientId,
    logger,
    ...(settings.KAFKA_SSL ? { ssl: ca === undefined ? true : { ca } } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

/** Where the schemas are. Only at the embedded registry a service registers its own without being told to. */
export function schemaRegistryAccess(settings: Shared): SchemaRegistryAccess {
  const { SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_USERNAME, SCHEMA_REGISTRY_PASSWORD } = settings;
  return {
    url: SCHEMA_REGISTRY_URL ?? EMBEDDED_REGISTRY_URL,
    autoRegister: settings.AUTO_REGISTER_SCHEMAS ?? SCHEMA_REGISTRY_URL === undefined,
    ...(SCHEMA_REGISTRY_USERNAME === undefined ? {} : { username: SCHEMA_REGISTRY_USERNAME }),
    ...(SCHEMA_REGISTRY_PASSWORD === undefined ? {} : { password: SCHEMA_REGISTRY_PASSWORD }),
  };
}

/** How this installation wants its topics; `createTopics` of event-schemas takes it. */
export function topicOptions(settings: Shared): TopicOptions {
  const surroundings = settings.KAFKA_BROKERS.every(isLoopback) ? 'development' : 'production';
  const replicationFactor = settings.TOPIC_REPLICATION_FACTOR ?? REPLICATION_FACTOR[surroundings];
  const minInSyncReplicas = settings.TOPIC_MIN_INSYNC_REPLICAS ?? Math.max(1, replicationFactor - 1);
  if (minInSyncReplicas > replicationFactor) {
    const message = `${minInSyncReplicas} is refused (more than the ${replicationFactor} replicas there are)`;
    throw new ConfigError([{ name: 'TOPIC_MIN_INSYNC_REPLICAS', message }]);
  }
  return {
    prefix: settings.TOPIC_PREFIX ?? '',
    partitions: settings.TOPIC_PARTITIONS ?? PARTITIONS[surroundings],
    replicationFactor,
    minInSyncReplicas,
  };
}

function saslOptions(settings: Shared): KafkaClientOptions['sasl'] {
  const given = {
    KAFKA_SASL_MECHANISM: settings.KAFKA_SASL_MECHANISM,
    KAFKA_SASL_USERNAME: settings.KAFKA_SASL_USERNAME,
    KAFKA_SASL_PASSWORD: settings.KAFKA_SASL_PASSWORD,
  };
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (missing.length === 3) return undefined;
  if (missing.length > 0) {
    throw new ConfigError(
      missing.map(([name]) => ({ name, message: 'is required, because another KAFKA_SASL_… setting is given' })),
    );
  }
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = given;
  return { mechanism: mechanism!, username: username!, password: password! };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ name: 'KAFKA_SSL_CA_FILE', message: `cannot be read: ${reason}` }]);
  }
}

import { LOG_LEVELS } from '../logging/log-levels.ts';
import { checkIssuers } from '../tokens/issuers.ts';
import { parseSecretKeys } from '../tokens/secret-keys.ts';
import type { SecretKey } from '../tokens/secret-keys.ts';
import { boolean, bytes, durationMs, int, json, list, oneOf, optional, secret, string, url } from './kinds.ts';
import { defineSettings } from './load-settings.ts';

const KEYS = 'kid:base64url pairs separated by commas, 32 bytes or more each; the first one signs';

/** The settings that every service has; their names are the same everywhere. */
export const sharedSettings = defineSettings({
  PLAYHEAD_DATA_DIR: string('Directory of everything that is kept: broker, registry, development keys.', '.data'),
  BIND_ADDRESS: string('Address that every port listens on.', '127.0.0.1'),
  KAFKA_BROKERS: list('Kafka brokers, host:port.', ['127.0.0.1:9092']),
  KAFKA_SSL: boolean('Speak TLS to the brokers.', false),
  KAFKA_SSL_CA_FILE: optional(string('PEM file of the certificate authority of the brokers.')),
  KAFKA_SASL_MECHANISM: optional(oneOf('How to log in at the brokers.', ['plain', 'scram-sha-256', 'scram-sha-512'])),
  KAFKA_SASL_USERNAME: optional(string('User name at the brokers.')),
  KAFKA_SASL_PASSWORD: optional(secret('Password at the brokers.')),
  SCHEMA_REGISTRY_URL: optional(url('Schema registry; without it the embedded one at http://127.0.0.1:8081.')),
  SCHEMA_REGISTRY_USERNAME: optional(string('User name at the schema registry.')),
  SCHEMA_REGISTRY_PASSWORD: optional(secret('Password at the schema registry.')),
  AUTO_REGISTER_SCHEMAS: optional(
    boolean('Register schemas that the registry does not have; without it only at the embedded one.'),
  ),
  TOPIC_PREFIX: optional(string('Put in front of the name of every topic.')),
  TOPIC_PARTITIONS: optional(
    int('Partitions of a new topic; 12, or 4 when all brokers are on this machine.', undefined, { min: 1, max: 1024 }),
  ),
  TOPIC_REPLICATION_FACTOR: optional(
    int('Replicas of a new topic; 3, or 1 when all brokers are on this machine.', undefined, { min: 1, max: 32 }),
  ),
  TOPIC_MIN_INSYNC_REPLICAS: optional(
    int('Replicas that must have a write; one fewer than there are, at least 1.', undefined, { min: 1, max: 32 }),
  ),
  STREAMS_SESSION_TIMEOUT_MS: durationMs(
    'An instance that is silent for so long loses its tasks to the others; brokers refuse less than 6 s by default.',
    6_000,
    { min: 100 },
  ),
  STREAMS_STATE: oneOf(
    'Where the state of a service lies beside its changelogs; memory: nowhere, it is read from them at each start.',
    ['memory', 'lmdb', 'redis'],
    'memory',
  ),
  STREAMS_STATE_DIR: optional(
    string('Directory of this process alone, for lmdb; without it state in PLAYHEAD_DATA_DIR.'),
  ),
  STREAMS_STATE_REDIS_URL: optional(secret('Address of the Redis, redis:// or rediss://, for redis.')),
  STREAMS_STANDBY_REPLICAS: int(
    'Copies of every state on other instances, which answer stale lookups and take over when its instance is gone.',
    1,
    { min: 0, max: 10 },
  ),
  ADVERTISED_HOST: optional(
    string('Host under which the other instances of a service reach this one; without it BIND_ADDRESS.'),
  ),
  AUTH_ISSUERS: optional(
    json(
      'Who may issue tokens; without it the development key, which is refused beside brokers on other machines.',
      'a JSON list of {issuer, audience, jwks, claims?}',
      checkIssuers,
    ),
  ),
  TICKET_KEYS: optional(secret<readonly SecretKey[]>('Keys that sign tickets.', undefined, KEYS, parseSecretKeys)),
  SERVICE_TOKEN_KEYS: optional(
    secret<readonly SecretKey[]>('Keys that sign the tokens between services.', undefined, KEYS, parseSecretKeys),
  ),
  AUTH_MAX_CACHED_TOKENS: int(
    'Verified tokens, and as many tickets, that a service remembers; each takes less than 1 KB of memory.',
    100_000,
    { min: 0 },
  ),
  ADMIN_BODY_MAX_BYTES: bytes('Largest body that an admin port takes.', 1_048_576, { min: 1024 }),
  SHUTDOWN_TIMEOUT_MS: durationMs('How long a service may take to stop.', 10_000, { min: 100 }),
  LOG_LEVEL: oneOf('Least level that is logged.', LOG_LEVELS, 'info'),
});

/** The definition of the shared settings. */
export type SharedSettings = typeof sharedSettings;

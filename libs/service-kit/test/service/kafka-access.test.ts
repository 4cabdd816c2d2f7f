import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, createLogger, loadSettings, sharedSettings } from '@playhead/service-kit';
import { kafkaOptions, schemaRegistryAccess, topicOptions } from '../../src/service/kafka-access.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const settingsOf = (env: Record<string, string>) => loadSettings(sharedSettings, env);

describe('access to Kafka', () => {
  const directory = mkdtempSync(join(tmpdir(), 'playhead-ca-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is plain by default', () => {
    expect(kafkaOptions('guard', settingsOf({}), logger)).toEqual({
      brokers: ['127.0.0.1:9092'],
      clientId: 'guard',
      logger,
    });
  });

  it('has TLS with the given authority, and a login', () => {
    const file = join(directory, 'ca.pem');
    writeFileSync(file, 'PEM');
    const settings = settingsOf({
      KAFKA_BROKERS: 'a.test:9092,b.test:9092',
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: file,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    });
    expect(kafkaOptions('guard', settings, logger)).toMatchObject({
      brokers: ['a.test:9092', 'b.test:9092'],
      ssl: { ca: 'PEM' },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    });
  });

  it('is refused with half a login, or a file that is not there', () => {
    expect(() => kafkaOptions('guard', settingsOf({ KAFKA_SASL_USERNAME: 'u' }), logger)).toThrow(
      /KAFKA_SASL_MECHANISM: is required.*\n.*KAFKA_SASL_PASSWORD: is required/,
    );
    expect(() => kafkaOptions('guard', settingsOf({ KAFKA_SSL_CA_FILE: join(directory, 'none') }), logger)).toThrow(
      ConfigError,
    );
  });
});

describe('access to the schema registry', () => {
  it.each([
    [{}, { url: 'http://127.0.0.1:8081', autoRegister: true }],
    [{ SCHEMA_REGISTRY_URL: 'https://r.test/' }, { url: 'https://r.test', autoRegister: false }],
    [
      {
        SCHEMA_REGISTRY_URL: 'https://r.test',
        AUTO_REGISTER_SCHEMAS: 'true',
        SCHEMA_REGISTRY_USERNAME: 'u',
        SCHEMA_REGISTRY_PASSWORD: 'p',
      },
      { url: 'https://r.test', autoRegister: true, username: 'u', password: 'p' },
    ],
  ])(
    'follows the settings: only the embedded one takes schemas unasked (%#)',
    (env: Record<string, string>, expected) => {
      expect(schemaRegistryAccess(settingsOf(env))).toEqual(expected);
    },
  );
});

describe('topics', () => {
  it.each([
    [{}, { prefix: '', partitions: 4, replicationFactor: 1, minInSyncReplicas: 1 }],
    [{ KAFKA_BROKERS: 'k.test:1' }, { prefix: '', partitions: 12, replicationFactor: 3, minInSyncReplicas: 2 }],
    [
      { TOPIC_PREFIX: 's.', TOPIC_PARTITIONS: '6', TOPIC_REPLICATION_FACTOR: '2', TOPIC_MIN_INSYNC_REPLICAS: '2' },
      { prefix: 's.', partitions: 6, replicationFactor: 2, minInSyncReplicas: 2 },
    ],
  ])('are small on one machine and safe elsewhere (%#)', (env: Record<string, string>, expected) => {
    expect(topicOptions(settingsOf(env))).toEqual(expected);
  });

  it('cannot want more replicas in sync than there are', () => {
    expect(() => topicOptions(settingsOf({ TOPIC_MIN_INSYNC_REPLICAS: '2' }))).toThrow('more than the 1 replicas');
  });
});

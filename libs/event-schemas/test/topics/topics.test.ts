import { describe, expect, test } from '@jest/globals';
import { createTopics, deadLetterTopic, sessionKey, topics } from '../../src/index.ts';

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

test('names every topic', () => {
  expect(Object.values(topics).map(({ name, subject }) => [name, subject])).toEqual([
    ['playback.heartbeats', 'playback.heartbeats-value'],
    ['playback.events', 'playback.events-value'],
    ['playback.decisions', 'playback.decisions-value'],
    ['playback.verdicts', 'playback.verdicts-value'],
    ['accounts.entitlements', 'accounts.entitlements-value'],
    ['policies', 'policies-value'],
    ['tenants.settings', 'tenants.settings-value'],
    ['playback.concurrency', 'playback.concurrency-value'],
  ]);
});

test('keeps no personal data longer than 30 days, and compacts what is state', () => {
  const cleanup = Object.fromEntries(
    Object.values(topics).map(({ name, configs }) => [name, configs['cleanup.policy']]),
  );
  expect(cleanup).toEqual({
    'playback.heartbeats': 'delete',
    'playback.events': 'delete',
    'playback.decisions': 'delete',
    'playback.verdicts': 'compact',
    'accounts.entitlements': 'compact',
    policies: 'compact',
    'tenants.settings': 'compact',
    'playback.concurrency': 'delete',
  });
  for (const { configs } of Object.values(topics).filter(({ name }) => cleanup[name] === 'delete')) {
    expect(Number(configs['retention.ms'])).toBeLessThanOrEqual(THIRTY_DAYS_MS);
  }
});

describe('an installation', () => {
  const own = createTopics({ prefix: 'staging.', partitions: 4, replicationFactor: 3, minInSyncReplicas: 2 });

  test('has its prefix, partitions, replicas and in-sync replicas everywhere', () => {
    expect(own.verdicts).toMatchObject({
      name: 'staging.playback.verdicts',
      subject: 'staging.playback.verdicts-value',
      partitions: 4,
      replicationFactor: 3,
      configs: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' },
    });
  });

  test('has a dead-letter topic beside each topic, that is never compacted', () => {
    expect(deadLetterTopic(own.verdicts)).toMatchObject({
      name: 'staging.playback.verdicts.dead-letter',
      partitions: 4,
      configs: { 'cleanup.policy': 'delete', 'min.insync.replicas': '2' },
    });
  });

  test.each([
    [{ partitions: 0 }, 'partitions is 0'],
    [{ partitions: 1.5 }, 'partitions is 1.5'],
    [{ prefix: 'a b' }, 'topic prefix "a b"'],
  ])('refuses %j', (options, message) => {
    expect(() => createTopics(options)).toThrow(message);
  });
});

test('puts the verdicts of a session where everything about its account is', () => {
  expect(topics.verdicts.partitionKey?.(sessionKey('demo', 'a/1', 's-1'))).toBe('demo/a%2F1');
  expect(topics.heartbeats.partitionKey).toBeUndefined();
});

test('hands out values that nobody can change', () => {
  expect(Object.values(topics).every((topic) => Object.isFrozen(topic) && Object.isFrozen(topic.configs))).toBe(true);
});

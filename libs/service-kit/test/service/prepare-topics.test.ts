import { describe, expect, it } from '@jest/globals';
import { createLogger, ServiceError } from '@playhead/service-kit';
import type { ServiceTopic } from '@playhead/service-kit';
import { BrokerError } from '@playhead/stream-core/client';
import { prepareSomeTime, prepareTopics } from '../../src/service/prepare-topics.ts';
import type { TopicAdmin } from '../../src/service/prepare-topics.ts';

const topic = (name: string, partitions: number): ServiceTopic => ({
  name,
  partitions,
  replicationFactor: 1,
  configs: { 'cleanup.policy': 'compact' },
});

/** A cluster with some topics, which creates the others as asked. */
function cluster(existing: Record<string, number>): TopicAdmin & { readonly created: string[] } {
  const counts = new Map(Object.entries(existing));
  const created: string[] = [];
  return {
    created,
    createTopics: async (topics) =>
      topics.map(({ topic: name, partitions }) => {
        if (counts.has(name)) return { topic: name, result: 'existed' };
        counts.set(name, partitions);
        created.push(name);
        return { topic: name, result: 'created' };
      }),
    partitionsOf: async (names) => new Map([...counts].filter(([name]) => names.includes(name))),
  };
}

describe('prepareTopics', () => {
  it('creates what does not exist', async () => {
    const admin = cluster({ 'playback.heartbeats': 4 });
    await prepareTopics(admin, [topic('playback.heartbeats', 4), topic('playback.verdicts', 4)]);
    expect(admin.created).toEqual(['playback.verdicts']);
  });

  it('refuses topics with another partition count, naming both and every topic', async () => {
    const admin = cluster({ 'playback.heartbeats': 12, 'playback.events': 4, 'playback.verdicts': 6 });
    const names = ['playback.heartbeats', 'playback.events', 'playback.verdicts'];
    const preparing = prepareTopics(
      admin,
      names.map((name) => topic(name, 4)),
    );
    await expect(preparing).rejects.toThrow(ServiceError);
    await expect(preparing).rejects.toThrow(
      'wrong partition counts: playback.heartbeats has 12 partitions, TOPIC_PARTITIONS asks for 4; playback.verdicts has 6 partitions, TOPIC_PARTITIONS asks for 4',
    );
  });
});

describe('topics of a service that starts while Kafka is away', () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const failing = (...errors: Error[]): (() => Promise<void>) => {
    return async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
    };
  };
  const away = new BrokerError('nobody answers', { reason: 'CONNECTION_FAILED', recovery: 'refresh' });

  it('a service ended when its client had given up after two minutes: it tries again', async () => {
    await expect(prepareSomeTime(failing(away, away), logger)).resolves.toBeUndefined();
  });

  it.each([
    new BrokerError('not allowed', { reason: 'TOPIC_AUTHORIZATION_FAILED', recovery: 'fatal' }),
    new ServiceError('TOPIC_PARTITIONS', 'wrong partition counts'),
  ])('ends with what no later try changes: $message', async (error) => {
    await expect(prepareSomeTime(failing(away, error), logger)).rejects.toBe(error);
  });
});

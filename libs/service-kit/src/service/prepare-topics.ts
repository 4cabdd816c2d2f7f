import { BrokerError } from '@playhead/stream-core/client';
import type { KafkaClient } from '@playhead/stream-core/client';
import type { ServiceLogger } from '../logging/logger.ts';
import type { ServiceTopic } from './service-definition.ts';
import { ServiceError } from './service-error.ts';

/** The part of `KafkaClient` that is needed; a test gives its own. */
export type TopicAdmin = Pick<KafkaClient, 'createTopics' | 'partitionsOf'>;

/**
 * Creates the topics that do not exist. Throws `ServiceError` when one exists with another partition count than wanted:
 * keys would go to other partitions than those where their state is, so nothing may start on it.
 */
export async function prepareTopics(admin: TopicAdmin, topics: readonly ServiceTopic[]): Promise<void> {
  await admin.createTopics(
    topics.map(({ name, partitions, replicationFactor, configs }) => ({
      topic: name,
      partitions,
      replicationFactor,
      configs,
    })),
  );
  const found = await admin.partitionsOf(topics.map(({ name }) => name));
  const wrong = topics.flatMap(({ name, partitions }) => {
    const count = found.get(name);
    return count === partitions
      ? []
      : [`${name} has ${count ?? 'no'} partitions, TOPIC_PARTITIONS asks for ${partitions}`];
  });
  if (wrong.length > 0) {
    throw new ServiceError('TOPIC_PARTITIONS', `wrong partition counts: ${wrong.join('; ')}`);
  }
}

/**
 * Prepares them however long Kafka is away: a client gives up after its `retryTimeoutMs`, and then it is tried again. Rejects
 * with what no later try changes.
 */
export async function prepareSomeTime(
  prepare: () => Promise<void>,
  logger: Pick<ServiceLogger, 'warn'>,
): Promise<void> {
  for (;;) {
    try {
      await prepare();
      return;
    } catch (error) {
      if (!(error instanceof BrokerError && error.retriable)) throw error;
      logger.warn({ err: error }, 'the topics could not be prepared; trying again');
    }
  }
}

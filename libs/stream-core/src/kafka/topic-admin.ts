import { ErrorCode } from '@playhead/kafka-protocol';
import { calls } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';
import type { CreatedTopic, NewTopic, TopicDescription } from './types.ts';

const TOPIC_RESOURCE = 2;
/** How long the controller may take before it answers; the change goes on after that. */
const CHANGE_TIMEOUT_MS = 30_000;

/** Metadata of those topics that exist, in the order asked for. Retries while a topic's error passes by itself, then rejects with it. */
export function describeTopics(cluster: Cluster, names: readonly string[]): Promise<TopicDescription[]> {
  return cluster.retrying(async () => {
    await cluster.refresh(names);
    const described: TopicDescription[] = [];
    for (const topic of names) {
      const { errorCode, partitions } = cluster.metadata.topic(topic) ?? {
        errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        partitions: [],
      };
      if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) continue;
      if (errorCode !== ErrorCode.NONE) throw brokerError(errorCode, 'metadata', { topic });
      described.push({ topic, partitions });
    }
    return described;
  });
}

/** Partition counts of every topic that the cluster has. */
export function countPartitions(cluster: Cluster): Promise<Map<string, number>> {
  return cluster.retrying(async () => {
    const { topics } = await cluster.askAny(calls.metadata, { topics: null, allowAutoTopicCreation: false });
    const counted = new Map<string, number>();
    for (const { name, partitions } of topics) {
      if (name !== null && partitions.length > 0) counted.set(name, partitions.length);
    }
    return counted;
  });
}

/** Creates topics at the controller and waits until the cluster's metadata shows every one of them with its leaders. */
export async function createTopics(cluster: Cluster, topics: readonly NewTopic[]): Promise<CreatedTopic[]> {
  const results = new Map<string, CreatedTopic['result']>();
  await cluster.retrying(async (repetition) => {
    const open = topics.filter(({ topic }) => !results.has(topic));
    if (repetition > 0 || cluster.metadata.controller === undefined) await cluster.refresh([]);
    const answer = await cluster.askController(calls.createTopics, {
      topics: open.map(({ topic, partitions, replicationFactor, configs }) => ({
        name: topic,
        numPartitions: partitions,
        replicationFactor: replicationFactor ?? -1,
        configs: Object.entries(configs ?? {}).map(([name, value]) => ({ name, value })),
      })),
      timeoutMs: CHANGE_TIMEOUT_MS,
    });
    for (const { name, errorCode } of answer.topics) {
      if (errorCode === ErrorCode.NONE) results.set(name, 'created');
      else if (errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) results.set(name, 'existed');
    }
    for (const { name, errorCode, errorMessage } of answer.topics) {
      if (!results.has(name))
        throw brokerError(errorCode, `create topic${errorMessage === null ? '' : ` (${errorMessage})`}`, {
          topic: name,
        });
    }
  });
  await waitForLeaders(
    cluster,
    topics.map(({ topic }) => topic),
  );
  return topics.map(({ topic }) => ({ topic, result: results.get(topic) ?? 'existed' }));
}

/** Deletes topics; those that do not exist are passed over. Resolves when the metadata no longer shows them. */
export async function deleteTopics(cluster: Cluster, names: readonly string[]): Promise<void> {
  await cluster.retrying(async (repetition) => {
    if (repetition > 0 || cluster.metadata.controller === undefined) await cluster.refresh([]);
    const answer = await cluster.askController(calls.deleteTopics, { topicNames: names, timeoutMs: CHANGE_TIMEOUT_MS });
    for (const { name, errorCode } of answer.responses) {
      if (errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        throw brokerError(errorCode, 'delete topic', { topic: name });
    }
  });
  await cluster.retrying(async () => {
    await cluster.refresh(names);
    const left = names.find((name) => cluster.metadata.topic(name)?.errorCode === ErrorCode.NONE);
    if (left !== undefined)
      throw brokerError(ErrorCode.LEADER_NOT_AVAILABLE, 'deleted topic is still shown', { topic: left });
  });
}

/** Every setting of a topic, defaults included; a sensitive value is null. */
export function describeTopicConfig(cluster: Cluster, topic: string): Promise<Map<string, string | null>> {
  return cluster.retrying(async () => {
    const answer = await cluster.askAny(calls.describeConfigs, {
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic }],
    });
    const [result] = answer.results;
    const code = result?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    // Not retried: asked for by name, a topic that is unknown is an answer.
    if (code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) throw unknownTopic(topic);
    if (result === undefined || code !== ErrorCode.NONE) throw brokerError(code, 'describe configuration', { topic });
    return new Map(result.configs.map(({ name, value }) => [name, value]));
  });
}

/** The error of asking for a topic that does not exist: final, unlike the same code from a broker that may not know the topic yet. */
export function unknownTopic(topic: string): BrokerError {
  return new BrokerError(`topic ${topic} does not exist`, {
    reason: 'UNKNOWN_TOPIC_OR_PARTITION',
    recovery: 'fatal',
    brokerCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    context: { topic },
  });
}

function waitForLeaders(cluster: Cluster, names: readonly string[]): Promise<void> {
  return cluster.retrying(async () => {
    await cluster.refresh(names);
    for (const topic of names) {
      const { errorCode, partitions } = cluster.metadata.topic(topic) ?? {
        errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        partitions: [],
      };
      if (errorCode !== ErrorCode.NONE) throw brokerError(errorCode, 'metadata of a new topic', { topic });
      for (const { partition } of partitions) {
        if (cluster.metadata.leaderOf(topic, partition) === undefined)
          throw brokerError(ErrorCode.LEADER_NOT_AVAILABLE, 'new topic', { topic, partition });
      }
    }
  });
}

import { createTopicsApi, ErrorCode, type RequestOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { checkTopicSetting, type TopicConfig } from '../storage/topic-config.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { topicResults, type TopicResult } from './topic-result.ts';

type NewTopic = RequestOf<typeof createTopicsApi>['topics'][number];

const BROKER_DEFAULT = -1;

/** What CreateTopics needs of the broker. */
export interface CreateTopicsOptions {
  readonly topics: TopicStore;
  readonly nodeId: number;
  readonly defaultPartitions: number;
}

/** Creates topics, each for itself. Any replication factor is accepted; there is one replica. */
export const createTopics = ({ topics, nodeId, defaultPartitions }: CreateTopicsOptions): AnyApiHandler => {
  const create = (topic: NewTopic, validateOnly: boolean): void => {
    const partitions = partitionCount(topic, nodeId, defaultPartitions);
    topics.checkCreate(topic.name, partitions);
    const config = checkedConfig(topic.configs);
    if (!validateOnly) topics.create(topic.name, partitions, config);
  };

  return defineHandler({
    api: createTopicsApi,
    versions: [2, 4],
    handle: (request) => ({
      topics: topicResults(request.topics, (topic) => create(topic, request.validateOnly)),
    }),
    failed: (request, errorCode) => ({
      topics: request.topics.map(({ name }): TopicResult => ({ name, errorCode, errorMessage: null })),
    }),
  });
};

function partitionCount(
  { numPartitions, replicationFactor, assignments }: NewTopic,
  nodeId: number,
  defaultPartitions: number,
): number {
  if (assignments.length === 0) {
    if (replicationFactor < 1 && replicationFactor !== BROKER_DEFAULT) {
      throw new TopicError(
        ErrorCode.INVALID_REPLICATION_FACTOR,
        `Replication factor was ${replicationFactor}, at least 1 is allowed`,
      );
    }
    return numPartitions === BROKER_DEFAULT ? defaultPartitions : numPartitions;
  }
  if (numPartitions !== BROKER_DEFAULT || replicationFactor !== BROKER_DEFAULT) {
    throw new TopicError(
      ErrorCode.INVALID_REQUEST,
      'With assignments, partitions and replication factor must both be -1',
    );
  }
  const indexes = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
  const complete = assignments.every((_, index) => indexes.has(index));
  const known = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId);
  if (!complete || !known) {
    throw new TopicError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Partitions must be 0 to n - 1, each on broker ${nodeId}, the only one there is`,
    );
  }
  return assignments.length;
}

function checkedConfig(configs: NewTopic['configs']): TopicConfig {
  const config: Record<string, string> = {};
  for (const { name, value } of configs) {
    const problem = checkTopicSetting(name, value);
    if (problem !== null) throw new TopicError(ErrorCode.INVALID_CONFIG, problem);
    config[name] = value ?? '';
  }
  return config;
}

import { ErrorCode, metadataApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { BrokerIdentity } from '../server/services.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { Topic, TopicStore } from '../storage/topic-store.ts';
import { AUTHORIZED } from './authorized-operations.ts';

type MetadataRequest = RequestOf<typeof metadataApi>;
type MetadataResponse = ResponseInputOf<typeof metadataApi>;
type MetadataTopic = MetadataResponse['topics'][number];

/** What Metadata needs of the broker. */
export interface MetadataOptions extends BrokerIdentity {
  readonly topics: TopicStore;
  readonly clusterId: string;
  /** Whether a topic that a client asks for, and allows to be created, is created. */
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
}

/** The one broker, which is also the controller and the leader of everything, and topics: all of them or those asked for. */
export const metadata = ({
  topics,
  nodeId,
  advertised,
  clusterId,
  autoCreateTopics,
  defaultPartitions,
}: MetadataOptions): AnyApiHandler => {
  const cluster = { brokers: [{ nodeId, ...advertised }], clusterId, controllerId: nodeId };
  const describe = (topic: Topic): MetadataTopic => ({
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    partitions: topic.logs.map((log, partitionIndex) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch: log.leaderEpoch,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
    })),
  });

  const findOrCreate = (name: string, mayCreate: boolean): MetadataTopic => {
    const present = topics.get(name);
    if (present !== undefined) return describe(present);
    try {
      if (mayCreate) return describe(topics.create(name, defaultPartitions, {}));
      topics.checkCreate(name, 1);
      return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] };
    } catch (error) {
      if (!(error instanceof TopicError)) throw error;
      const errorCode =
        mayCreate || error.errorCode === ErrorCode.INVALID_TOPIC_EXCEPTION
          ? error.errorCode
          : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return { errorCode, name, partitions: [] };
    }
  };

  const selected = (request: MetadataRequest, apiVersion: number): MetadataTopic[] => {
    const everything = request.topics === null || (apiVersion === 0 && request.topics.length === 0);
    if (everything) return topics.all().map(describe);
    const names = new Set((request.topics ?? []).map(({ name }) => name ?? ''));
    return Array.from(names, (name) => findOrCreate(name, autoCreateTopics && request.allowAutoTopicCreation));
  };

  return defineHandler({
    api: metadataApi,
    versions: [0, 8],
    handle: (request, { apiVersion }) => withOperations(request, { ...cluster, topics: selected(request, apiVersion) }),
    failed: (request, errorCode) =>
      withOperations(request, {
        ...cluster,
        topics: (request.topics ?? []).map(({ name }) => ({ errorCode, name: name ?? '', partitions: [] })),
      }),
  });
};

/** The answer with what a client may do, where it asked for it. */
function withOperations(request: MetadataRequest, answer: MetadataResponse): MetadataResponse {
  const { includeTopicAuthorizedOperations, includeClusterAuthorizedOperations } = request;
  return {
    ...answer,
    ...(includeTopicAuthorizedOperations && {
      topics: answer.topics.map((topic) => ({ ...topic, topicAuthorizedOperations: AUTHORIZED.topic })),
    }),
    ...(includeClusterAuthorizedOperations && { clusterAuthorizedOperations: AUTHORIZED.cluster }),
  };
}

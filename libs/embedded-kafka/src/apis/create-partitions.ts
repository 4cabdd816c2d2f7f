import { createPartitionsApi, ErrorCode } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { TopicError, type TopicStore } from '../storage/topic-store.ts';
import { topicResult } from './topic-result.ts';

/** Raises partition counts. */
export const createPartitions = ({
  topics,
  nodeId,
}: {
  readonly topics: TopicStore;
  readonly nodeId: number;
}): AnyApiHandler =>
  defineHandler({
    api: createPartitionsApi,
    versions: [0, 1],
    handle: (request) => ({
      results: request.topics.map(({ name, count, assignments }) =>
        topicResult(name, () => {
          topics.checkAddPartitions(name, count);
          if (assignments?.some(({ brokerIds }) => brokerIds.some((id) => id !== nodeId)) === true) {
            throw new TopicError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Broker ${nodeId} is the only one there is`);
          }
          if (!request.validateOnly) topics.addPartitions(name, count);
        }),
      ),
    }),
    failed: (request, errorCode) => ({ results: request.topics.map(({ name }) => ({ name, errorCode })) }),
  });

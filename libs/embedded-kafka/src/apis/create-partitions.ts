import { createPartitionsApi, ErrorCode, type RequestOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { TopicError } from '../storage/topic-error.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { topicResults } from './topic-result.ts';

type Assignments = NonNullable<RequestOf<typeof createPartitionsApi>['topics'][number]['assignments']>;

/** What CreatePartitions needs of the broker. */
export interface CreatePartitionsOptions {
  readonly topics: TopicStore;
  readonly nodeId: number;
}

/** Raises partition counts. */
export const createPartitions = ({ topics, nodeId }: CreatePartitionsOptions): AnyApiHandler =>
  defineHandler({
    api: createPartitionsApi,
    versions: [0, 1],
    handle: (request) => ({
      results: topicResults(request.topics, ({ name, count, assignments }) => {
        const added = topics.checkAddPartitions(name, count);
        if (assignments !== null) checkAssignments(assignments, added, nodeId);
        if (!request.validateOnly) topics.addPartitions(name, count);
      }),
    }),
    failed: (request, errorCode) => ({ results: request.topics.map(({ name }) => ({ name, errorCode })) }),
  });

function checkAssignments(assignments: Assignments, added: number, nodeId: number): void {
  if (assignments.length !== added) {
    throw new TopicError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `${added} partition(s) would be added, but ${assignments.length} assignment(s) were given`,
    );
  }
  if (assignments.some(({ brokerIds }) => brokerIds.length !== 1 || brokerIds[0] !== nodeId)) {
    throw new TopicError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Each partition is on broker ${nodeId}, the only one there is`,
    );
  }
}

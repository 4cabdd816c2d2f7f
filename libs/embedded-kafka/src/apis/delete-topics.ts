import { deleteTopicsApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { topicResult } from './topic-result.ts';

/** Deletes topics by name. What is parked on them is answered with UNKNOWN_TOPIC_OR_PARTITION. */
export const deleteTopics = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: deleteTopicsApi,
    versions: [1, 3],
    handle: (request) => ({
      responses: Array.from(new Set(request.topicNames), (name) => topicResult(name, () => topics.delete(name))),
    }),
    failed: (request, errorCode) => ({ responses: request.topicNames.map((name) => ({ name, errorCode })) }),
  });

import { deleteTopicsApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { topicResults } from './topic-result.ts';

/** Deletes topics by name. What is parked on them is answered with UNKNOWN_TOPIC_OR_PARTITION. */
export const deleteTopics = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: deleteTopicsApi,
    versions: [1, 3],
    handle: (request) => ({
      responses: topicResults(
        request.topicNames.map((name) => ({ name })),
        ({ name }) => topics.delete(name),
      ),
    }),
    failed: (request, errorCode) => ({ responses: request.topicNames.map((name) => ({ name, errorCode })) }),
  });

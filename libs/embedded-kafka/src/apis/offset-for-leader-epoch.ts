import { ErrorCode, offsetForLeaderEpochApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { checkLeaderEpoch } from './leader-epoch-check.ts';

/** Where the log of a leader epoch ended (KIP-320). */
export const offsetForLeaderEpoch = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: offsetForLeaderEpochApi,
    versions: [2, 3],
    handle: (request) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
          const log = topics.log(topic, partition);
          if (log === undefined) return { partition, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
          const errorCode = checkLeaderEpoch(currentLeaderEpoch, log.leaderEpoch);
          if (errorCode !== ErrorCode.NONE) return { partition, errorCode };
          const { epoch, endOffset } = log.endOfEpoch(leaderEpoch);
          return { partition, errorCode, leaderEpoch: epoch, endOffset };
        }),
      })),
    }),
    failed: (request, errorCode) => ({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
      })),
    }),
  });

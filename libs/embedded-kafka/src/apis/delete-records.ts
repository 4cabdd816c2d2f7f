import { deleteRecordsApi, ErrorCode } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler, type RequestContext } from '../server/handler.ts';
import type { TopicStore } from '../storage/topic-store.ts';

/** Moves the beginning of partitions forward; the records before it are gone for readers at once and from the disk with their segment. */
export const deleteRecords = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler => {
  const deleteBefore = (topic: string, partitionIndex: number, offset: number, { logger }: RequestContext) => {
    const log = topics.log(topic, partitionIndex);
    const failed = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode });
    if (log === undefined) return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    if (!log.config.deletes) return failed(ErrorCode.POLICY_VIOLATION);
    try {
      const lowWatermark = log.deleteRecordsBefore(offset);
      return lowWatermark === null
        ? failed(ErrorCode.OFFSET_OUT_OF_RANGE)
        : { partitionIndex, lowWatermark, errorCode: ErrorCode.NONE };
    } catch (error) {
      logger.error('the start of a log could not be saved', { topic, partition: partitionIndex, error: String(error) });
      return failed(ErrorCode.KAFKA_STORAGE_ERROR);
    }
  };

  return defineHandler({
    api: deleteRecordsApi,
    versions: [0, 1],
    handle: (request, context) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => deleteBefore(name, partitionIndex, offset, context)),
      })),
    }),
    failed: (request, errorCode) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1, errorCode })),
      })),
    }),
  });
};

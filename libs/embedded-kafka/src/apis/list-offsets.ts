import { ErrorCode, listOffsetsApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { checkLeaderEpoch } from './leader-epoch-check.ts';

type PartitionRequest = RequestOf<typeof listOffsetsApi>['topics'][number]['partitions'][number];
type PartitionResponse = ResponseInputOf<typeof listOffsetsApi>['topics'][number]['partitions'][number];

const LATEST = -1;
const EARLIEST = -2;
const READ_COMMITTED = 1;

/** The beginning, the end (for readers of committed records the last stable offset), or the first record with at least a timestamp (offset −1 if there is none). */
export const listOffsets = ({ topics }: { readonly topics: TopicStore }): AnyApiHandler =>
  defineHandler({
    api: listOffsetsApi,
    versions: [1, 5],
    handle: (request) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((wanted) =>
          lookUp(topics.log(name, wanted.partitionIndex), wanted, request.isolationLevel === READ_COMMITTED),
        ),
      })),
    }),
    failed: (request, errorCode) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    }),
  });

function lookUp(
  log: PartitionLog | undefined,
  { partitionIndex, currentLeaderEpoch, timestamp }: PartitionRequest,
  isolated: boolean,
): PartitionResponse {
  if (log === undefined) return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const epochError = checkLeaderEpoch(currentLeaderEpoch, log.leaderEpoch);
  if (epochError !== ErrorCode.NONE) return { partitionIndex, errorCode: epochError };
  const found = (offset: number, timestampMs = -1): PartitionResponse => ({
    partitionIndex,
    errorCode: ErrorCode.NONE,
    offset,
    timestamp: timestampMs,
    leaderEpoch: log.epochAt(offset),
  });
  const end = isolated ? log.lastStableOffset : log.nextOffset;
  if (timestamp === LATEST) return found(end);
  if (timestamp === EARLIEST) return found(log.logStartOffset);
  // The other negative numbers (greatest timestamp, tiers) belong to later versions.
  if (timestamp < 0) return { partitionIndex, errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const record = log.findTimestamp(timestamp);
  const isReadable = record !== null && record.offset < end;
  return isReadable ? found(record.offset, record.timestampMs) : { partitionIndex, errorCode: ErrorCode.NONE };
}

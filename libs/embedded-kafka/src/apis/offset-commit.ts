import { ErrorCode, offsetCommitApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator, OffsetToCommit } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

type CommitRequest = RequestOf<typeof offsetCommitApi>;
type CommitResponse = ResponseInputOf<typeof offsetCommitApi>;
type RequestedPartition = CommitRequest['topics'][number]['partitions'][number];

/** Stores a group's offsets; they are on disk when it answers. `retentionTimeMs` of versions 2 to 4 is not honoured: the broker's setting is. */
export const offsetCommit = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: offsetCommitApi,
    versions: [2, 7],
    handle: (request) => {
      const refusal = groups.checkCommit(request.groupId, request);
      if (refusal !== ErrorCode.NONE) return everywhere(request, () => refusal);
      const accepted: OffsetToCommit[] = [];
      const codes = new Map<RequestedPartition, number>();
      for (const { name, partitions } of request.topics) {
        for (const partition of partitions) {
          const errorCode = checkPartition(groups, name, partition);
          codes.set(partition, errorCode);
          if (errorCode === ErrorCode.NONE) accepted.push(toCommit(name, partition));
        }
      }
      const stored = groups.commit(request.groupId, accepted);
      return everywhere(request, (partition) => codes.get(partition) || stored);
    },
    failed: (request, errorCode) => everywhere(request, () => errorCode),
  });

function checkPartition(groups: GroupCoordinator, topic: string, partition: RequestedPartition): number {
  const { maxOffsetMetadataBytes } = groups.settings;
  if (Buffer.byteLength(partition.committedMetadata ?? '') > maxOffsetMetadataBytes) {
    return ErrorCode.OFFSET_METADATA_TOO_LARGE;
  }
  return groups.hasPartition(topic, partition.partitionIndex) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
}

function toCommit(topic: string, partition: RequestedPartition): OffsetToCommit {
  return {
    topic,
    partition: partition.partitionIndex,
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
  };
}

function everywhere(request: CommitRequest, codeOf: (partition: RequestedPartition) => number): CommitResponse {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({
        partitionIndex: partition.partitionIndex,
        errorCode: codeOf(partition),
      })),
    })),
  };
}

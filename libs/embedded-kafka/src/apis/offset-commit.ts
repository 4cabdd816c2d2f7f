import { ErrorCode, offsetCommitApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { checkOffsets } from './offset-to-commit.ts';

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
      const { accepted, refused } = checkOffsets(groups, request.topics);
      const stored = groups.commit(request.groupId, accepted);
      return everywhere(request, (partition) => refused.get(partition) ?? stored);
    },
    failed: (request, errorCode) => everywhere(request, () => errorCode),
  });

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

import { ErrorCode, offsetFetchApi, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { CommittedOffset } from '../groups/offset-entry.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

type FetchedPartition = ResponseInputOf<typeof offsetFetchApi>['topics'][number]['partitions'][number];

/** A group's committed offsets, -1 where there is none. With `requireStable` one that a transaction is about to change is refused with 88 (KIP-447). */
export const offsetFetch = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: offsetFetchApi,
    versions: [1, 7],
    handle: ({ groupId, topics, requireStable }) => {
      const wanted = topics ?? allOf(groups, groupId);
      return {
        topics: wanted.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partition) =>
            requireStable && groups.offsets.isUnstable(groupId, name, partition)
              ? unstable(partition)
              : fetched(partition, groups.offsets.offset(groupId, name, partition)),
          ),
        })),
      };
    },
    failed: (_request, errorCode) => ({ topics: [], errorCode }),
  });

function allOf(groups: GroupCoordinator, groupId: string): { name: string; partitionIndexes: number[] }[] {
  const byTopic = Map.groupBy(groups.offsets.offsets(groupId), ({ topic }) => topic);
  return Array.from(byTopic, ([name, offsets]) => ({
    name,
    partitionIndexes: offsets.map(({ partition }) => partition),
  }));
}

function unstable(partitionIndex: number): FetchedPartition {
  return { ...fetched(partitionIndex, undefined), errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT };
}

function fetched(partitionIndex: number, committed: CommittedOffset | undefined): FetchedPartition {
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode: ErrorCode.NONE,
  };
}

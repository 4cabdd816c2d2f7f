import { ErrorCode, offsetFetchApi, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { CommittedOffset } from '../groups/offset-entry.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

type FetchedPartition = ResponseInputOf<typeof offsetFetchApi>['topics'][number]['partitions'][number];

/** A group's committed offsets, -1 where there is none. `requireStable` holds by itself while there are no transactions. */
export const offsetFetch = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: offsetFetchApi,
    versions: [1, 7],
    handle: ({ groupId, topics }) => ({
      topics:
        topics === null
          ? allOf(groups, groupId)
          : topics.map(({ name, partitionIndexes }) => ({
              name,
              partitions: partitionIndexes.map((partition) =>
                fetched(partition, groups.offsets.offset(groupId, name, partition)),
              ),
            })),
    }),
    failed: (_request, errorCode) => ({ topics: [], errorCode }),
  });

function allOf(groups: GroupCoordinator, groupId: string): { name: string; partitions: FetchedPartition[] }[] {
  const byTopic = Map.groupBy(groups.offsets.offsets(groupId), ({ topic }) => topic);
  return Array.from(byTopic, ([name, offsets]) => ({
    name,
    partitions: offsets.map((offset) => fetched(offset.partition, offset)),
  }));
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

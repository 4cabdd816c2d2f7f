import { ErrorCode, offsetDeleteApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** Forgets committed offsets of topics that no member of the group reads at present (KIP-496). */
export const offsetDelete = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: offsetDeleteApi,
    versions: [0, 0],
    handle: ({ groupId, topics }) => {
      const errorCode = groups.canForgetOffsets(groupId);
      if (errorCode !== ErrorCode.NONE) return { errorCode };
      return {
        errorCode,
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: groups.forgetOffset(groupId, name, partitionIndex),
          })),
        })),
      };
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });

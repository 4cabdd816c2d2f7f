import { deleteGroupsApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** Deletes groups without members, with their offsets. */
export const deleteGroups = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: deleteGroupsApi,
    versions: [0, 1],
    handle: (request) => ({
      results: request.groupsNames.map((groupId) => ({ groupId, errorCode: groups.delete(groupId) })),
    }),
    failed: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
  });

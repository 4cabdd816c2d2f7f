import { ErrorCode, listGroupsApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** All groups, those with nothing but offsets included. */
export const listGroups = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: listGroupsApi,
    versions: [0, 2],
    handle: () => ({
      errorCode: ErrorCode.NONE,
      groups: groups.groups().map(({ id, protocolType }) => ({ groupId: id, protocolType })),
    }),
    failed: (_request, errorCode) => ({ errorCode, groups: [] }),
  });

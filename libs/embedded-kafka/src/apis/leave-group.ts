import { ErrorCode, leaveGroupApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** From this version on several members at once, each with a result of its own. */
const SEVERAL_FROM = 3;

/** Takes members out of a group. */
export const leaveGroup = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: leaveGroupApi,
    versions: [0, 3],
    handle: ({ groupId, memberId, members }, { apiVersion }) => {
      if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID };
      if (apiVersion < SEVERAL_FROM) return { errorCode: groups.leave(groupId, { memberId, groupInstanceId: null }) };
      const results = members.map((identity) => ({
        memberId: identity.memberId,
        groupInstanceId: identity.groupInstanceId,
        errorCode: groups.leave(groupId, identity),
      }));
      return { errorCode: ErrorCode.NONE, members: results };
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });

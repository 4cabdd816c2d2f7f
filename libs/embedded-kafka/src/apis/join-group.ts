import { joinGroupApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** Takes part in a group's next generation. Parked until the rebalance has all members. */
export const joinGroup = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: joinGroupApi,
    versions: [0, 5],
    handle: (request, context) => groups.join(request, context),
    failed: ({ memberId }, errorCode) => ({ errorCode, memberId }),
  });

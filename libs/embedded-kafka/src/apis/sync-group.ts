import { syncGroupApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { NO_ASSIGNMENT } from '../groups/group-member.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** Hands in assignments and gets one's own. Parked until the leader's has come. */
export const syncGroup = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: syncGroupApi,
    versions: [0, 3],
    handle: (request, { signal }) => groups.sync(request, signal),
    failed: (_request, errorCode) => ({ errorCode, assignment: NO_ASSIGNMENT }),
  });

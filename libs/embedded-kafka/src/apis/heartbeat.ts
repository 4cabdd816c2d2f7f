import { heartbeatApi } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';

/** Keeps a member alive. */
export const heartbeat = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: heartbeatApi,
    versions: [0, 3],
    handle: (request) => ({ errorCode: groups.heartbeat(request) }),
    failed: (_request, errorCode) => ({ errorCode }),
  });

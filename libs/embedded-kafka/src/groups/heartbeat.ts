import { ErrorCode, type heartbeatApi, type RequestOf } from '@playhead/kafka-protocol';
import type { Group } from './group.ts';
import { findMemberOf } from './member-check.ts';

/** Handles Heartbeat; answers an error code. 27 is what makes a member join again. */
export function heartbeat(group: Group, request: RequestOf<typeof heartbeatApi>): number {
  const member = findMemberOf(group, request.generationId, request);
  if (typeof member === 'number') return member;
  // While its join or sync is parked the session does not run, and a heartbeat is not to start it.
  if (member.parkedJoin === null && member.parkedSync === null) member.session.touch();
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

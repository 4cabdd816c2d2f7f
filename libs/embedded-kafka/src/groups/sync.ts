import { ErrorCode, type RequestOf, type syncGroupApi } from '@playhead/kafka-protocol';
import { NO_ASSIGNMENT, type GroupMember, type SyncResponse } from './group-member.ts';
import type { Group } from './group.ts';
import { findMemberOf } from './member-check.ts';
import { Parked } from './parked.ts';

type SyncRequest = RequestOf<typeof syncGroupApi>;

/** Handles SyncGroup: the leader's ends the rebalance, the others' wait for it. */
export function sync(group: Group, request: SyncRequest, signal: AbortSignal): SyncResponse | Promise<SyncResponse> {
  const member = findMemberOf(group, request.generationId, request);
  if (typeof member === 'number') return refusal(member);
  if (!agreesOnProtocol(group, request)) return refusal(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (group.state === 'PreparingRebalance') return refusal(ErrorCode.REBALANCE_IN_PROGRESS);
  if (group.state === 'Stable') {
    hasSynced(group, member);
    member.session.touch();
    return assignmentOf(group, member);
  }
  if (group.state !== 'CompletingRebalance') return refusal(ErrorCode.UNKNOWN_MEMBER_ID);
  return parkOrFinish(group, member, request, signal);
}

function parkOrFinish(
  group: Group,
  member: GroupMember,
  request: SyncRequest,
  signal: AbortSignal,
): SyncResponse | Promise<SyncResponse> {
  const parked = new Parked<SyncResponse>(signal);
  member.parkedSync?.answer(refusal(ErrorCode.REBALANCE_IN_PROGRESS));
  member.parkedSync = parked;
  member.session.stop();
  hasSynced(group, member);
  if (group.leaderId === member.id) finish(group, request);
  return parked.result(() => {
    if (parked.isAnswered) return;
    parked.answer(refusal(ErrorCode.UNKNOWN_MEMBER_ID));
    member.parkedSync = null;
    member.session.touch();
  });
}

/** The leader has handed in the assignments: everybody who waits gets its own, and who is not in them an empty one. */
function finish(group: Group, { assignments }: SyncRequest): void {
  for (const { memberId, assignment } of assignments) {
    const member = group.member(memberId);
    // Copied: it outlives the frame it is a view of.
    if (member !== undefined) member.assignment = Buffer.from(assignment);
  }
  group.state = 'Stable';
  if (group.unsynced.size === 0) group.stopTimer();
  for (const member of group.members()) {
    const waiting = member.parkedSync;
    if (waiting === null) continue;
    member.parkedSync = null;
    member.session.touch();
    waiting.answer(assignmentOf(group, member));
  }
}

function hasSynced(group: Group, member: GroupMember): void {
  if (group.unsynced.delete(member.id) && group.unsynced.size === 0 && group.state === 'Stable') group.stopTimer();
}

/** From version 5 on a member says what it believes was chosen (KIP-559). */
function agreesOnProtocol(group: Group, { protocolType, protocolName }: SyncRequest): boolean {
  return (
    (protocolType === null || protocolType === group.protocolType) &&
    (protocolName === null || protocolName === group.protocolName)
  );
}

function assignmentOf(group: Group, member: GroupMember): SyncResponse {
  const { protocolType, protocolName } = group;
  return { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment: member.assignment };
}

function refusal(errorCode: number): SyncResponse {
  return { errorCode, assignment: NO_ASSIGNMENT };
}

import { ErrorCode } from '@playhead/kafka-protocol';
import { NO_ASSIGNMENT, type GroupMember, type JoinResponse } from './group-member.ts';
import type { Group } from './group.ts';

// What moves a group from state to state; the states are drawn in group.ts.

/** Begins a rebalance, from whatever state: all members have to join again, and have the longest of their rebalance timeouts to do so. */
export function prepareRebalance(group: Group): void {
  // Those who wait for assignments of a generation that will not be have to come back and join.
  for (const member of group.members()) refuseSync(member, ErrorCode.REBALANCE_IN_PROGRESS);
  group.unsynced.clear();
  group.state = 'PreparingRebalance';
  group.startTimer(group.maxRebalanceTimeoutMs(), () => completeJoin(group));
  completeJoinIfReady(group);
}

/** Ends the wait of a rebalance if no one is missing. */
export function completeJoinIfReady(group: Group): void {
  if (group.state === 'PreparingRebalance' && group.haveAllJoined()) completeJoin(group);
}

/** Takes a member out; whoever waits in its name is told 25, so that a client that is still there begins anew. */
export function removeMember(group: Group, member: GroupMember): void {
  refuseParked(member, ErrorCode.UNKNOWN_MEMBER_ID);
  group.remove(member);
  if (group.state === 'PreparingRebalance') completeJoinIfReady(group);
  else if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepareRebalance(group);
}

/** Nothing was heard of a member, or of one that was only given an id, for its session timeout. */
export function expireSession(group: Group, memberId: string): void {
  group.keepPromise(memberId);
  const member = group.member(memberId);
  if (member === undefined) completeJoinIfReady(group);
  else removeMember(group, member);
}

/** Answers whatever a member has parked with an error. */
export function refuseParked(member: GroupMember, errorCode: number): void {
  const join = member.parkedJoin;
  member.parkedJoin = null;
  join?.answer({ errorCode, memberId: member.id });
  refuseSync(member, errorCode);
}

/** The answer to a member's join in the present generation; the leader's has everybody's metadata. */
export function joinResponse(group: Group, member: GroupMember, leader = group.leaderId): JoinResponse {
  const protocolName = group.protocolName ?? '';
  const members =
    leader === member.id
      ? group.members().map(({ id, instanceId, ...rest }) => ({
          memberId: id,
          groupInstanceId: instanceId,
          metadata: rest.profile.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_ASSIGNMENT,
        }))
      : [];
  return {
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName,
    leader,
    memberId: member.id,
    members,
  };
}

function refuseSync(member: GroupMember, errorCode: number): void {
  const sync = member.parkedSync;
  member.parkedSync = null;
  if (sync === null) return;
  sync.answer({ errorCode, assignment: NO_ASSIGNMENT });
  member.session.touch();
}

/** Everybody has joined, or the time is over: those who have not joined are out, except static members, whom only their session ends (KIP-345). */
function completeJoin(group: Group): void {
  for (const member of group.members()) {
    if (member.parkedJoin === null && member.instanceId === null) group.remove(member);
  }
  if (group.size > 0 && !group.electLeader()) {
    // Static members only, and none of them is here: there is no one to lead until one joins or their sessions end.
    group.startTimer(group.maxRebalanceTimeoutMs(), () => completeJoin(group));
    return;
  }
  group.generationId++;
  if (group.size === 0) becomeEmpty(group);
  else beginGeneration(group);
  group.surroundings.changed(group);
}

function becomeEmpty(group: Group): void {
  group.stopTimer();
  group.state = 'Empty';
  group.protocolName = null;
}

function beginGeneration(group: Group): void {
  group.state = 'CompletingRebalance';
  group.protocolName = group.selectProtocol();
  // A leader that never syncs would leave the others waiting, and their sessions do not run meanwhile.
  group.startTimer(group.maxRebalanceTimeoutMs(), () => expireSync(group));
  for (const member of group.members()) {
    member.assignment = NO_ASSIGNMENT;
    const join = member.parkedJoin;
    if (join === null) continue;
    member.parkedJoin = null;
    group.unsynced.add(member.id);
    member.session.touch(member.profile.sessionTimeoutMs);
    join.answer(joinResponse(group, member));
  }
}

function expireSync(group: Group): void {
  const missing = group.members().filter((member) => group.unsynced.has(member.id));
  if (missing.length === 0) return;
  for (const member of missing) {
    refuseParked(member, ErrorCode.UNKNOWN_MEMBER_ID);
    group.remove(member);
  }
  prepareRebalance(group);
}

import { randomUUID } from 'node:crypto';
import { ErrorCode, type joinGroupApi, type RequestOf } from '@playhead/kafka-protocol';
import type { GroupMember, JoinResponse, MemberProfile } from './group-member.ts';
import type { Group } from './group.ts';
import { findMember } from './member-check.ts';
import { Parked } from './parked.ts';
import { completeJoinIfReady, joinResponse, prepareRebalance, refuseParked, removeMember } from './rebalance.ts';

/** What the coordinator must know of a request's sender. */
export interface Client {
  readonly clientId: string | null;
  readonly clientHost: string;
  readonly apiVersion: number;
  /** Aborts when no one can read the answer any more. */
  readonly signal: AbortSignal;
}

type JoinRequest = RequestOf<typeof joinGroupApi>;
type JoinAnswer = JoinResponse | Promise<JoinResponse>;

/** From this version on a new member is told its id before it may join, so that a lost answer leaves no ghost behind (KIP-394). */
const MEMBER_ID_REQUIRED_FROM = 4;

/** Handles JoinGroup for a group that is not dead. Answers now, or when the rebalance has everybody. */
export function join(group: Group, request: JoinRequest, client: Client): JoinAnswer {
  const { sessionTimeoutMs, memberId, protocolType, protocols } = request;
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = group.surroundings.settings;
  if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
    return refusal(ErrorCode.INVALID_SESSION_TIMEOUT, memberId);
  }
  const itself = memberId === '' ? staticOwner(group, request)?.id : memberId;
  if (!group.accepts(protocolType, protocols, itself)) {
    return refusal(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId);
  }
  if (memberId === '') return joinAsNew(group, request, client);
  if (group.isPromised(memberId)) return addAndPark(group, request, client, memberId);
  return joinAgain(group, request, client);
}

function joinAsNew(group: Group, request: JoinRequest, client: Client): JoinAnswer {
  const owner = staticOwner(group, request);
  if (owner !== undefined) return takeOver(group, owner, request, client);
  if (group.isFull) return refusal(ErrorCode.GROUP_MAX_SIZE_REACHED, '');
  const id = `${request.groupInstanceId ?? client.clientId ?? ''}-${randomUUID()}`;
  if (request.groupInstanceId === null && client.apiVersion >= MEMBER_ID_REQUIRED_FROM) {
    group.promise(id, request.sessionTimeoutMs);
    return refusal(ErrorCode.MEMBER_ID_REQUIRED, id);
  }
  return addAndPark(group, request, client, id);
}

function addAndPark(group: Group, request: JoinRequest, client: Client, id: string): JoinAnswer {
  const member = group.add(id, request.groupInstanceId, profileOf(request, client));
  return park(group, member, client, request.memberId === '');
}

/** A static member's new process: the old one is fenced, and a stable group goes on undisturbed unless the assignor changes. */
function takeOver(group: Group, owner: GroupMember, request: JoinRequest, client: Client): JoinAnswer {
  const oldLeader = group.leaderId;
  const id = `${request.groupInstanceId ?? ''}-${randomUUID()}`;
  refuseParked(owner, ErrorCode.FENCED_INSTANCE_ID);
  const member = group.replaceStatic(owner, id, profileOf(request, client));
  if (group.state === 'Stable' && group.selectProtocol() === group.protocolName) {
    // Told the old leader's id, a leader that restarts takes itself for a follower and fetches its assignment instead of making new ones.
    return joinResponse(group, member, oldLeader);
  }
  return park(group, member, client, false);
}

function joinAgain(group: Group, request: JoinRequest, client: Client): JoinAnswer {
  const member = findMember(group, request);
  if (typeof member === 'number') return refusal(member, request.memberId);
  const saysNothingNew = member.hasSameProtocols(request.protocols);
  // After a lost answer: the generation is as it was.
  if (group.state === 'CompletingRebalance' && saysNothingNew) return joinResponse(group, member);
  // A leader that joins again wants a rebalance: it has seen something change.
  if (group.state === 'Stable' && saysNothingNew && group.leaderId !== member.id) return joinResponse(group, member);
  member.profile = profileOf(request, client);
  return park(group, member, client, false);
}

/** Lets a join wait for the rebalance, which begins with it if it has not yet. */
function park(group: Group, member: GroupMember, client: Client, isIdUnknown: boolean): JoinAnswer {
  const parked = new Parked<JoinResponse>(client.signal);
  // A client that sends its join again has given up on the first, whose connection is not to stay blocked.
  member.parkedJoin?.answer(refusal(ErrorCode.REBALANCE_IN_PROGRESS, member.id));
  member.parkedJoin = parked;
  member.session.stop();
  if (group.state === 'PreparingRebalance') completeJoinIfReady(group);
  else prepareRebalance(group);
  return parked.result(() => abandon(group, member, parked, isIdUnknown));
}

/** The connection of a parked join has ended: the member may come back on another, unless it never learned its id. */
function abandon(group: Group, member: GroupMember, parked: Parked<JoinResponse>, isIdUnknown: boolean): void {
  // Whoever takes a parked join out of its member answers it, so this one is still there.
  if (parked.isAnswered) return;
  parked.answer(refusal(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
  member.parkedJoin = null;
  if (isIdUnknown && member.instanceId === null) removeMember(group, member);
  else member.session.touch();
}

function staticOwner(group: Group, { groupInstanceId }: JoinRequest): GroupMember | undefined {
  return groupInstanceId === null ? undefined : group.memberOfInstance(groupInstanceId);
}

/** Metadata is copied: it outlives the frame it is a view of. */
function profileOf(request: JoinRequest, client: Client): MemberProfile {
  const { sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols } = request;
  return {
    clientId: client.clientId ?? '',
    clientHost: client.clientHost,
    sessionTimeoutMs,
    // Version 0 has no rebalance timeout: the session's is used.
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    protocolType,
    protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
  };
}

function refusal(errorCode: number, memberId: string): JoinResponse {
  return { errorCode, memberId };
}

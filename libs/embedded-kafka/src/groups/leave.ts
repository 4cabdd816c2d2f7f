import { ErrorCode } from '@playhead/kafka-protocol';
import type { Group } from './group.ts';
import { findMember, type MemberIdentity } from './member-check.ts';
import { completeJoinIfReady, removeMember } from './rebalance.ts';

/** Takes one member out at its own or an administrator's wish; answers an error code. An instance id without a member id is an administrator's. */
export function leave(group: Group, identity: MemberIdentity): number {
  const { memberId, groupInstanceId } = identity;
  if (group.isPromised(memberId)) {
    group.keepPromise(memberId);
    completeJoinIfReady(group);
    return ErrorCode.NONE;
  }
  const member =
    memberId === '' && groupInstanceId !== null
      ? (group.memberOfInstance(groupInstanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID)
      : findMember(group, identity);
  if (typeof member === 'number') return member;
  removeMember(group, member);
  return ErrorCode.NONE;
}

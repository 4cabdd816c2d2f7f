import { ErrorCode } from '@playhead/kafka-protocol';
import type { GroupMember } from './group-member.ts';
import type { Group } from './group.ts';

/** How a request names its member. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** The member that a request names, or the error that says why it is not one: 25 unknown, 82 another process has taken its instance id. */
export function findMember(group: Group, { memberId, groupInstanceId }: MemberIdentity): GroupMember | number {
  if (groupInstanceId !== null) {
    const owner = group.memberOfInstance(groupInstanceId);
    if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return owner.id === memberId ? owner : ErrorCode.FENCED_INSTANCE_ID;
  }
  return group.member(memberId) ?? ErrorCode.UNKNOWN_MEMBER_ID;
}

/** As {@link findMember}, and of the present generation: else 22. */
export function findMemberOf(group: Group, generationId: number, identity: MemberIdentity): GroupMember | number {
  const member = findMember(group, identity);
  if (typeof member === 'number') return member;
  return generationId === group.generationId ? member : ErrorCode.ILLEGAL_GENERATION;
}

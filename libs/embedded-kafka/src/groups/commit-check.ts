import { ErrorCode } from '@playhead/kafka-protocol';
import type { Group } from './group.ts';
import { findMemberOf, type MemberIdentity } from './member-check.ts';

/** Who commits. Generation -1 without member and instance id is a commit from outside the group's protocol. */
export interface Committer extends MemberIdentity {
  readonly generationId: number;
}

/**
 * Whether a commit is accepted; answers an error code. `group` is undefined when there is none of that name.
 *
 * | committer | group | answer |
 * |---|---|---|
 * | from outside | none, empty | accepted |
 * | from outside | with members | 25; in a transaction accepted (clients before KIP-447 do not say who they are) |
 * | a member | none | 22 |
 * | a member | stale generation, unknown, fenced | 22, 25, 82 |
 * | a member | stable, or preparing a rebalance (the commit before giving partitions up) | accepted |
 * | a member | completing a rebalance (it does not know its new assignment) | 27; in a transaction accepted |
 */
export function checkCommit(group: Group | undefined, committer: Committer, isTransactional = false): number {
  const { generationId, memberId, groupInstanceId } = committer;
  const isFromOutside = generationId < 0 && memberId === '' && groupInstanceId === null;
  if (group === undefined) return generationId < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
  if (group.state === 'Empty' && generationId < 0) return ErrorCode.NONE;
  if (isFromOutside) return isTransactional ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  const member = findMemberOf(group, generationId, committer);
  if (typeof member === 'number') return member;
  if (group.state === 'CompletingRebalance' && !isTransactional) return ErrorCode.REBALANCE_IN_PROGRESS;
  // A commit shows life as a heartbeat does.
  if (member.parkedJoin === null && member.parkedSync === null) member.session.touch();
  return ErrorCode.NONE;
}

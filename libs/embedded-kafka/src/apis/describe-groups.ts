import { describeGroupsApi, ErrorCode, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { NO_ASSIGNMENT } from '../groups/group-member.ts';
import type { Group } from '../groups/group.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import { AUTHORIZED } from './authorized-operations.ts';

type DescribedGroup = ResponseInputOf<typeof describeGroupsApi>['groups'][number];

/** State and members of groups; protocol, metadata and assignments only of stable ones. An unknown group is described as dead, without an error. */
export const describeGroups = ({ groups }: { readonly groups: GroupCoordinator }): AnyApiHandler =>
  defineHandler({
    api: describeGroupsApi,
    versions: [0, 4],
    handle: ({ groups: ids, includeAuthorizedOperations }) => ({
      groups: ids.map((groupId) => ({
        ...described(groupId, groups.group(groupId)),
        ...(includeAuthorizedOperations && { authorizedOperations: AUTHORIZED.group }),
      })),
    }),
    failed: (request, errorCode) => ({
      groups: request.groups.map((groupId) => ({ ...described(groupId, undefined), errorCode })),
    }),
  });

function described(groupId: string, group: Group | undefined): DescribedGroup {
  const protocol = group?.state === 'Stable' ? (group.protocolName ?? '') : null;
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group?.state ?? 'Dead',
    protocolType: group?.protocolType ?? '',
    protocolData: protocol ?? '',
    members: (group?.members() ?? []).map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.profile.clientId,
      clientHost: member.profile.clientHost,
      memberMetadata: protocol === null ? NO_ASSIGNMENT : member.metadataFor(protocol),
      memberAssignment: protocol === null ? NO_ASSIGNMENT : member.assignment,
    })),
  };
}

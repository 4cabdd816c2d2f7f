import { groupAdminCases } from './suite/group-admin-cases.ts';
import { groupMembershipCases } from './suite/group-membership-cases.ts';
import type { IntegrationCase } from './suite/integration-case.ts';

/** The part of the integration suite that is about the traps of group coordination, by subject: the same list for every broker. */
export const groupsSuite: Readonly<Record<string, readonly IntegrationCase[]>> = {
  'members of groups': groupMembershipCases,
  'administration of groups': groupAdminCases,
};

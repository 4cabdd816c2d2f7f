import { expect } from '@jest/globals';
import {
  ErrorCode,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  type RequestInputOf,
  type ResponseOf,
  syncGroupApi,
} from '@playhead/kafka-protocol';
import { eventually, uniqueName } from './integration-case.ts';
import type { WireClient } from './wire-client.ts';

/** The answer to a join. */
export type Joined = ResponseOf<typeof joinGroupApi>;

/** A member as requests name it. */
export interface Member {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly groupInstanceId?: string;
}

/** Who is in no group. */
export const STRANGER = { memberId: 'stranger', generationId: 1 };
const NOT_READY: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]);

/** A group of its own; waits until its coordinator serves, which takes a fresh broker a while. */
export async function newGroup(wire: WireClient): Promise<string> {
  const groupId = uniqueName('group');
  await eventually('the coordinator', async () => {
    const { errorCode } = await wire.send(findCoordinatorApi, 2, { key: groupId });
    if (errorCode !== ErrorCode.NONE) return undefined;
    return NOT_READY.has(await heartbeat(wire, { groupId, ...STRANGER })) ? undefined : true;
  });
  return groupId;
}

/** JoinGroup of version 5, which hands a member its id before it lets it in. */
export const join = (
  wire: WireClient,
  groupId: string,
  options: Partial<RequestInputOf<typeof joinGroupApi>> = {},
): Promise<Joined> =>
  wire.send(joinGroupApi, 5, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    // Of a type whose metadata no broker looks into.
    protocolType: 'wire',
    protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
    ...options,
  });

export const memberOf = (groupId: string, { memberId, generationId }: Joined, groupInstanceId?: string): Member => ({
  groupId,
  memberId,
  generationId,
  ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
});

/** Joins with the id that the first answer hands out. */
export async function joinWithNewId(wire: WireClient, groupId: string): Promise<Joined> {
  const { memberId } = await join(wire, groupId);
  return join(wire, groupId, { memberId });
}

/** SyncGroup of a leader that gives itself everything. */
export const sync = (wire: WireClient, member: Member): Promise<ResponseOf<typeof syncGroupApi>> =>
  wire.send(syncGroupApi, 3, {
    ...member,
    assignments: [{ memberId: member.memberId, assignment: Buffer.from('all') }],
  });

export const heartbeat = async (wire: WireClient, member: Member): Promise<number> =>
  (await wire.send(heartbeatApi, 3, member)).errorCode;

/** A group with one member in the stable state. */
export async function stable(wire: WireClient): Promise<Member> {
  const groupId = await newGroup(wire);
  const member = memberOf(groupId, await joinWithNewId(wire, groupId));
  expect((await sync(wire, member)).errorCode).toBe(ErrorCode.NONE);
  return member;
}

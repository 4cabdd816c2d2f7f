import { expect } from '@jest/globals';
import { ErrorCode, leaveGroupApi } from '@playhead/kafka-protocol';
import {
  heartbeat,
  join,
  joinWithNewId,
  memberOf,
  newGroup,
  stable,
  STRANGER,
  sync,
  type Member,
} from './group-requests.ts';
import { eventually, type IntegrationCase } from './integration-case.ts';
import { type WireClient, withWire } from './wire-client.ts';

/** How long a rebalance waits for who does not come. Who does come has to be quicker, so it is no shorter. */
const SHORT_REBALANCE = { rebalanceTimeoutMs: 3000 };

/** Two members that have joined the second generation, the leader first, each on a connection of its own; neither has synced. */
async function twoJoined(
  one: WireClient,
  two: WireClient,
  options: { readonly rebalanceTimeoutMs?: number } = {},
): Promise<[leader: Member, follower: Member]> {
  const groupId = await newGroup(one);
  const { memberId } = await join(one, groupId, options);
  const first = memberOf(groupId, await join(one, groupId, { ...options, memberId }));
  expect((await sync(one, first)).errorCode).toBe(ErrorCode.NONE);
  const promised = await join(two, groupId, options);
  const second = join(two, groupId, { ...options, memberId: promised.memberId });
  await hears(one, first, ErrorCode.REBALANCE_IN_PROGRESS);
  const leader = await join(one, groupId, { ...options, memberId });
  expect(leader).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2, leader: memberId });
  return [memberOf(groupId, leader), memberOf(groupId, await second)];
}

const hears = (wire: WireClient, member: Member, errorCode: number): Promise<true> =>
  eventually(`error ${errorCode} at a heartbeat`, async () =>
    (await heartbeat(wire, member)) === errorCode ? true : undefined,
  );

async function withTwo(brokers: readonly string[], use: (one: WireClient, two: WireClient) => Promise<void>) {
  await withWire(brokers, (one) => withWire(brokers, (two) => use(one, two)));
}

export const groupMembershipCases: readonly IntegrationCase[] = [
  {
    name: 'a leader that never syncs is put out after the rebalance timeout, and who waited for it joins again',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const [leader, follower] = await twoJoined(one, two, SHORT_REBALANCE);
        expect((await sync(two, follower)).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        expect(await heartbeat(one, leader)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        const again = await join(two, follower.groupId, { memberId: follower.memberId });
        expect(again).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 3, leader: follower.memberId });
      }),
  },
  {
    name: 'a member that does not join again within the rebalance timeout is out, and the others go on without it',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const groupId = await newGroup(one);
        const { memberId } = await join(one, groupId, SHORT_REBALANCE);
        const sleeper = memberOf(groupId, await join(one, groupId, { ...SHORT_REBALANCE, memberId }));
        expect((await sync(one, sleeper)).errorCode).toBe(ErrorCode.NONE);
        const promised = await join(two, groupId, SHORT_REBALANCE);
        const joined = await join(two, groupId, { ...SHORT_REBALANCE, memberId: promised.memberId });
        expect(joined).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2, leader: promised.memberId });
        expect(joined.members).toHaveLength(1);
        expect(await heartbeat(one, sleeper)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
      }),
  },
  {
    name: 'a sync while a rebalance is prepared says so',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const member = await stable(one);
        const newcomer = joinWithNewId(two, member.groupId);
        await hears(one, member, ErrorCode.REBALANCE_IN_PROGRESS);
        expect((await sync(one, member)).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        await join(one, member.groupId, { memberId: member.memberId });
        expect((await newcomer).errorCode).toBe(ErrorCode.NONE);
      }),
  },
  {
    name: 'a follower that joins with nothing new is told the present generation, the leader begins another',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const [leader, follower] = await twoJoined(one, two);
        const { groupId } = leader;
        const assigned = await Promise.all([sync(one, leader), sync(two, follower)]);
        expect(assigned.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.NONE]);
        const same = await join(two, groupId, { memberId: follower.memberId });
        expect(same).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2, leader: leader.memberId });
        const next = join(one, groupId, { memberId: leader.memberId });
        await hears(two, follower, ErrorCode.REBALANCE_IN_PROGRESS);
        await join(two, groupId, { memberId: follower.memberId });
        expect(await next).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 3, leader: leader.memberId });
      }),
  },
  {
    name: 'a member that leaves makes the others join again at once, one that waits to sync too',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const [leader, follower] = await twoJoined(one, two);
        const waiting = sync(two, follower);
        const identity = { memberId: leader.memberId, groupInstanceId: null };
        const left = await one.send(leaveGroupApi, 3, { groupId: leader.groupId, members: [identity] });
        expect(left).toMatchObject({ errorCode: ErrorCode.NONE, members: [{ errorCode: ErrorCode.NONE }] });
        expect((await waiting).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        const again = await join(two, follower.groupId, { memberId: follower.memberId });
        expect(again).toMatchObject({ generationId: 3, leader: follower.memberId });
      }),
  },
  {
    name: 'members leave one by one in one request, strangers named; an administrator names an instance alone',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const groupInstanceId = 'instance';
        const member = memberOf(groupId, await join(wire, groupId, { groupInstanceId }), groupInstanceId);
        const leave = async (...members: { memberId: string; groupInstanceId: string | null }[]) => {
          const answer = await wire.send(leaveGroupApi, 3, { groupId, members });
          return [answer.errorCode, ...answer.members.map(({ errorCode }) => errorCode)];
        };
        const { UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, NONE } = ErrorCode;
        const stranger = { memberId: STRANGER.memberId, groupInstanceId: null };
        expect(await leave(stranger, { memberId: '', groupInstanceId: 'nobody' })).toEqual([
          NONE,
          UNKNOWN_MEMBER_ID,
          UNKNOWN_MEMBER_ID,
        ]);
        expect(await leave({ memberId: 'another', groupInstanceId })).toEqual([NONE, FENCED_INSTANCE_ID]);
        expect(await leave({ memberId: '', groupInstanceId })).toEqual([NONE, NONE]);
        expect(await heartbeat(wire, member)).toBe(UNKNOWN_MEMBER_ID);
      }),
  },
  {
    name: 'a join is refused that has a strange id, another type, no common protocol, or a session out of bounds',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { groupId } = await stable(wire);
        const refused = async (options: Parameters<typeof join>[2]): Promise<number> =>
          (await join(wire, groupId, options)).errorCode;
        const protocols = [{ name: 'another', metadata: Buffer.from('x') }];
        expect(await refused({ memberId: 'stranger' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await refused({ memberId: 'x', groupInstanceId: 'nobody' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await refused({ protocolType: 'another' })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        expect(await refused({ protocols })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        expect(await refused({ protocols: [] })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        expect(await refused({ sessionTimeoutMs: 5 })).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
        expect(await refused({ sessionTimeoutMs: 100_000_000 })).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
        expect((await join(wire, '', {})).errorCode).toBe(ErrorCode.INVALID_GROUP_ID);
      }),
  },
  {
    name: 'a member that is not heard of for its session timeout is out',
    run: (brokers) =>
      withTwo(brokers, async (one, two) => {
        const options = { sessionTimeoutMs: 6000, rebalanceTimeoutMs: 60_000 };
        const groupId = await newGroup(one);
        const { memberId } = await join(one, groupId, options);
        const silent = memberOf(groupId, await join(one, groupId, { ...options, memberId }));
        expect((await sync(one, silent)).errorCode).toBe(ErrorCode.NONE);
        // The rebalance would wait longer for it than its session lasts.
        const joined = await joinWithNewId(two, groupId);
        expect(joined).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2 });
        expect(joined.members).toHaveLength(1);
        expect(await heartbeat(one, silent)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
      }),
  },
];

import { expect } from '@jest/globals';
import {
  ErrorCode,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  type RequestInputOf,
  type ResponseOf,
  syncGroupApi,
} from '@playhead/kafka-protocol';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { type WireClient, withWire } from './wire-client.ts';

type Joined = ResponseOf<typeof joinGroupApi>;
type Commit = Partial<RequestInputOf<typeof offsetCommitApi>>;

/** A member as requests name it. */
interface Member {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly groupInstanceId?: string;
}

const STRANGER = { memberId: 'stranger', generationId: 1 };
const NOT_READY: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]);

/** A group of its own; waits until its coordinator serves, which takes a fresh broker a while. */
async function newGroup(wire: WireClient): Promise<string> {
  const groupId = uniqueName('group');
  await eventually('the coordinator', async () => {
    const { errorCode } = await wire.send(findCoordinatorApi, 2, { key: groupId });
    if (errorCode !== ErrorCode.NONE) return undefined;
    return NOT_READY.has(await heartbeat(wire, { groupId, ...STRANGER })) ? undefined : true;
  });
  return groupId;
}

const join = (
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

const memberOf = (groupId: string, { memberId, generationId }: Joined, groupInstanceId?: string): Member => ({
  groupId,
  memberId,
  generationId,
  ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
});

/** Joins with the id that the first answer hands out. */
async function joinWithNewId(wire: WireClient, groupId: string): Promise<Joined> {
  const { memberId } = await join(wire, groupId);
  return join(wire, groupId, { memberId });
}

const sync = (wire: WireClient, member: Member): Promise<ResponseOf<typeof syncGroupApi>> =>
  wire.send(syncGroupApi, 3, {
    ...member,
    assignments: [{ memberId: member.memberId, assignment: Buffer.from('all') }],
  });

const heartbeat = async (wire: WireClient, member: Member): Promise<number> =>
  (await wire.send(heartbeatApi, 3, member)).errorCode;

async function commit(wire: WireClient, groupId: string, topic: string, committer: Commit = {}): Promise<number> {
  const partition = { partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 3, committedMetadata: 'why' };
  const { topics } = await wire.send(offsetCommitApi, 7, {
    groupId,
    topics: [{ name: topic, partitions: [partition] }],
    ...committer,
  });
  return topics[0]!.partitions[0]!.errorCode;
}

/** A group with one member in the stable state. */
async function stable(wire: WireClient): Promise<Member> {
  const groupId = await newGroup(wire);
  const member = memberOf(groupId, await joinWithNewId(wire, groupId));
  expect((await sync(wire, member)).errorCode).toBe(ErrorCode.NONE);
  return member;
}

export const groupWireCases: readonly IntegrationCase[] = [
  {
    name: 'a new member is told its id first and leads the first generation with it',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const first = await join(wire, groupId);
        expect(first).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, generationId: -1 });
        const second = await join(wire, groupId, { memberId: first.memberId });
        const { memberId } = first;
        expect(second).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 1, memberId, leader: memberId });
        expect(second.members.map((member) => member.metadata.toString())).toEqual(['subscription']);
        const synced = await sync(wire, memberOf(groupId, second));
        expect([synced.errorCode, synced.assignment.toString()]).toEqual([ErrorCode.NONE, 'all']);
      }),
  },
  {
    name: 'a join makes the heartbeats of the others say that a rebalance is under way',
    run: (brokers) =>
      withWire(brokers, (one) =>
        withWire(brokers, async (two) => {
          const member = await stable(one);
          const { groupId, memberId } = member;
          expect(await heartbeat(one, member)).toBe(ErrorCode.NONE);
          const newcomer = joinWithNewId(two, groupId);
          await eventually('a rebalance', async () =>
            (await heartbeat(one, member)) === ErrorCode.REBALANCE_IN_PROGRESS ? true : undefined,
          );
          const again = await join(one, groupId, { memberId });
          const joined = await newcomer;
          expect([again.generationId, joined.generationId]).toEqual([2, 2]);
          expect([again.leader, joined.leader]).toEqual([memberId, memberId]);
          expect([again.members.length, joined.members.length]).toEqual([2, 0]);
        }),
      ),
  },
  {
    name: 'a stale generation, a stranger and a group without a name are refused',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const member = await stable(wire);
        const topic = await newTopic(brokers, 'stale');
        const stale = { ...member, generationId: member.generationId - 1 };
        const stranger = { groupId: member.groupId, ...STRANGER };
        expect(await heartbeat(wire, stale)).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect((await sync(wire, stale)).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await commit(wire, member.groupId, topic, stale)).toBe(ErrorCode.ILLEGAL_GENERATION);
        expect(await heartbeat(wire, stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect((await sync(wire, stranger)).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await commit(wire, member.groupId, topic, stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await heartbeat(wire, { ...stranger, groupId: '' })).toBe(ErrorCode.INVALID_GROUP_ID);
      }),
  },
  {
    name: 'a static member that starts again keeps the generation and fences the one before it',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const groupInstanceId = 'instance';
        const old = memberOf(groupId, await join(wire, groupId, { groupInstanceId }), groupInstanceId);
        expect((await sync(wire, old)).errorCode).toBe(ErrorCode.NONE);
        const again = await join(wire, groupId, { groupInstanceId });
        expect(again).toMatchObject({ errorCode: ErrorCode.NONE, generationId: old.generationId });
        expect(again.memberId).not.toBe(old.memberId);
        expect(await heartbeat(wire, old)).toBe(ErrorCode.FENCED_INSTANCE_ID);
        const successor = memberOf(groupId, again, groupInstanceId);
        expect(await heartbeat(wire, successor)).toBe(ErrorCode.NONE);
        expect((await sync(wire, successor)).assignment.toString()).toBe('all');
      }),
  },
  {
    name: 'a commit waits for the assignment, and one from outside for the members to go',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'commit-states');
      await withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const member = memberOf(groupId, await joinWithNewId(wire, groupId));
        expect(await commit(wire, groupId, topic, member)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
        expect(await commit(wire, groupId, topic)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        await sync(wire, member);
        expect(await commit(wire, groupId, topic, member)).toBe(ErrorCode.NONE);
        const identity = { memberId: member.memberId, groupInstanceId: null };
        const left = await wire.send(leaveGroupApi, 3, { groupId, members: [identity] });
        expect([left.errorCode, left.members[0]!.errorCode]).toEqual([ErrorCode.NONE, ErrorCode.NONE]);
        expect(await heartbeat(wire, member)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
        expect(await commit(wire, groupId, topic)).toBe(ErrorCode.NONE);
      });
    },
  },
  {
    name: 'a committed offset comes back with its leader epoch and metadata, and an unknown group has none',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'committed');
      await withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        const fetched = async (): Promise<unknown> => {
          const topics = [{ name: topic, partitionIndexes: [0] }];
          const answer = await wire.send(offsetFetchApi, 5, { groupId, topics });
          expect(answer.errorCode).toBe(ErrorCode.NONE);
          return answer.topics[0]!.partitions[0];
        };
        const none = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '' };
        expect(await fetched()).toMatchObject({ errorCode: ErrorCode.NONE, ...none });
        expect(await commit(wire, groupId, topic)).toBe(ErrorCode.NONE);
        const committed = { committedOffset: 7, committedLeaderEpoch: 3, metadata: 'why' };
        expect(await fetched()).toMatchObject({ errorCode: ErrorCode.NONE, ...committed });
      });
    },
  },
];

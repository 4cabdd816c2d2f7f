import { expect } from '@jest/globals';
import {
  ErrorCode,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  type RequestInputOf,
} from '@playhead/kafka-protocol';
import { heartbeat, join, joinWithNewId, memberOf, newGroup, stable, STRANGER, sync } from './group-requests.ts';
import { eventually, type IntegrationCase } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { type WireClient, withWire } from './wire-client.ts';

type Commit = Partial<RequestInputOf<typeof offsetCommitApi>>;

async function commit(wire: WireClient, groupId: string, topic: string, committer: Commit = {}): Promise<number> {
  const partition = { partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 3, committedMetadata: 'why' };
  const { topics } = await wire.send(offsetCommitApi, 7, {
    groupId,
    topics: [{ name: topic, partitions: [partition] }],
    ...committer,
  });
  return topics[0]!.partitions[0]!.errorCode;
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

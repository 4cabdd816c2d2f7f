import { expect } from '@jest/globals';
import {
  deleteGroupsApi,
  describeGroupsApi,
  ErrorCode,
  leaveGroupApi,
  listGroupsApi,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
  type ResponseOf,
} from '@playhead/kafka-protocol';
import { heartbeat, join, joinWithNewId, memberOf, newGroup, stable, sync } from './group-requests.ts';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { type WireClient, withWire } from './wire-client.ts';

type Described = ResponseOf<typeof describeGroupsApi>['groups'][number];

async function described(wire: WireClient, groupId: string): Promise<Described> {
  return (await wire.send(describeGroupsApi, 4, { groups: [groupId] })).groups[0]!;
}

async function deleted(wire: WireClient, ...groupsNames: string[]): Promise<number[]> {
  return (await wire.send(deleteGroupsApi, 1, { groupsNames })).results.map(({ errorCode }) => errorCode);
}

async function commitFromOutside(wire: WireClient, groupId: string, topic: string, partition = 0): Promise<void> {
  const partitions = [{ partitionIndex: partition, committedOffset: 5 }];
  const { topics } = await wire.send(offsetCommitApi, 7, { groupId, topics: [{ name: topic, partitions }] });
  expect(topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NONE);
}

async function committed(wire: WireClient, groupId: string, topic: string, partition = 0): Promise<number> {
  const topics = [{ name: topic, partitionIndexes: [partition] }];
  return (await wire.send(offsetFetchApi, 5, { groupId, topics })).topics[0]!.partitions[0]!.committedOffset;
}

const leave = (wire: WireClient, groupId: string, memberId: string): Promise<unknown> =>
  wire.send(leaveGroupApi, 3, { groupId, members: [{ memberId, groupInstanceId: null }] });

/** What a consumer tells its leader: a version, its topics and nothing else. */
function subscriptionTo(topic: string): Buffer {
  const name = Buffer.from(topic);
  const metadata = Buffer.alloc(2 + 4 + 2 + name.length + 4);
  metadata.writeInt32BE(1, 2);
  metadata.writeInt16BE(name.length, 6);
  name.copy(metadata, 8);
  metadata.writeInt32BE(-1, 8 + name.length);
  return metadata;
}

export const groupAdminCases: readonly IntegrationCase[] = [
  {
    name: 'a group is described as what it is: dead, empty, preparing, completing, stable',
    run: (brokers) =>
      withWire(brokers, (one) =>
        withWire(brokers, async (two) => {
          const groupId = await newGroup(one);
          expect(await described(one, uniqueName('nobody'))).toMatchObject({
            errorCode: ErrorCode.NONE,
            groupState: 'Dead',
            protocolType: '',
            members: [],
          });
          const joined = await joinWithNewId(one, groupId);
          const completing = await described(one, groupId);
          expect(completing).toMatchObject({
            groupState: 'CompletingRebalance',
            protocolType: 'wire',
            protocolData: '',
          });
          expect(completing.members).toMatchObject([{ memberId: joined.memberId, groupInstanceId: null }]);
          expect(completing.members[0]!.memberMetadata).toHaveLength(0);
          const member = memberOf(groupId, joined);
          await sync(one, member);
          const isStable = await described(one, groupId);
          expect(isStable).toMatchObject({ groupState: 'Stable', protocolType: 'wire', protocolData: 'range' });
          const { memberMetadata, memberAssignment, clientId, clientHost } = isStable.members[0]!;
          expect([memberMetadata.toString(), memberAssignment.toString()]).toEqual(['subscription', 'all']);
          expect([clientId, clientHost]).toEqual(['wire', '/127.0.0.1']);
          const newcomer = joinWithNewId(two, groupId);
          await eventually('a rebalance', async () =>
            (await described(one, groupId)).groupState === 'PreparingRebalance' ? true : undefined,
          );
          await leave(one, groupId, joined.memberId);
          await leave(two, groupId, (await newcomer).memberId);
          expect(await described(one, groupId)).toMatchObject({
            groupState: 'Empty',
            protocolType: 'wire',
            protocolData: '',
            members: [],
          });
        }),
      ),
  },
  {
    name: 'groups are deleted when they have no members, with their offsets, and each with an answer of its own',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete-groups');
      await withWire(brokers, async (wire) => {
        const empty = await newGroup(wire);
        await commitFromOutside(wire, empty, topic);
        const { groupId, memberId } = await stable(wire);
        const { NONE, NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND } = ErrorCode;
        const unknown = uniqueName('nobody');
        expect(await deleted(wire, empty)).toEqual([NONE]);
        expect(await deleted(wire, groupId)).toEqual([NON_EMPTY_GROUP]);
        expect(await deleted(wire, unknown)).toEqual([GROUP_ID_NOT_FOUND]);
        expect(await deleted(wire, empty)).toEqual([GROUP_ID_NOT_FOUND]);
        expect(await committed(wire, empty, topic)).toBe(-1);
        await leave(wire, groupId, memberId);
        const listed = async (): Promise<boolean> =>
          (await wire.send(listGroupsApi, 2, {})).groups.some((group) => group.groupId === groupId);
        expect(await listed()).toBe(true);
        expect(await deleted(wire, groupId)).toEqual([NONE]);
        expect(await listed()).toBe(false);
      });
    },
  },
  {
    name: 'offsets are deleted one by one, but not those of a topic that a member reads',
    run: async (brokers) => {
      const [read, unread] = [await newTopic(brokers, 'read', 2), await newTopic(brokers, 'unread', 2)];
      await withWire(brokers, async (wire) => {
        const groupId = await newGroup(wire);
        for (const topic of [read, unread])
          for (const partition of [0, 1]) await commitFromOutside(wire, groupId, topic, partition);
        const forget = async (group: string, name: string, partitionIndex = 0): Promise<number[]> => {
          const topics = [{ name, partitions: [{ partitionIndex }] }];
          const answer = await wire.send(offsetDeleteApi, 0, { groupId: group, topics });
          return [answer.errorCode, ...answer.topics.flatMap((t) => t.partitions.map(({ errorCode }) => errorCode))];
        };
        const { NONE, GROUP_ID_NOT_FOUND, GROUP_SUBSCRIBED_TO_TOPIC, NON_EMPTY_GROUP } = ErrorCode;
        expect(await forget(uniqueName('nobody'), read)).toEqual([GROUP_ID_NOT_FOUND]);
        expect(await forget(groupId, read, 1)).toEqual([NONE, NONE]);
        expect([await committed(wire, groupId, read), await committed(wire, groupId, read, 1)]).toEqual([5, -1]);
        const protocols = [{ name: 'range', metadata: subscriptionTo(read) }];
        const options = { protocolType: 'consumer', protocols };
        const { memberId } = await join(wire, groupId, options);
        const member = memberOf(groupId, await join(wire, groupId, { ...options, memberId }));
        expect((await sync(wire, member)).errorCode).toBe(NONE);
        expect(await forget(groupId, read)).toEqual([NONE, GROUP_SUBSCRIBED_TO_TOPIC]);
        expect(await forget(groupId, unread)).toEqual([NONE, NONE]);
        expect([await committed(wire, groupId, read), await committed(wire, groupId, unread)]).toEqual([5, -1]);
        expect(await heartbeat(wire, member)).toBe(NONE);
        expect(await forget((await stable(wire)).groupId, read)).toEqual([NON_EMPTY_GROUP]);
      });
    },
  },
];

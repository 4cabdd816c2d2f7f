import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  deleteGroupsApi,
  deleteTopicsApi,
  describeGroupsApi,
  ErrorCode,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  offsetCommitApi,
  offsetFetchApi,
  syncGroupApi,
  type AnyApi,
  type ResponseOf,
} from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic } from '../support/requests.ts';
import { until } from '../support/until.ts';

type Joined = ResponseOf<typeof joinGroupApi>;
type Described = ResponseOf<typeof describeGroupsApi>['groups'][number];

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  await createTopic(client, 'beats', 2);
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

function join(connection: RawClient, groupId: string, memberId = '', version = 5): Promise<Joined> {
  return connection.send(joinGroupApi, version, {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 60_000,
    memberId,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
  });
}

/** Joins as the only member of a group and syncs. */
async function member(groupId: string): Promise<Joined> {
  const { memberId } = await join(client, groupId);
  const joined = await join(client, groupId, memberId);
  const assignments = [{ memberId, assignment: Buffer.from('all') }];
  const synced = await client.send(syncGroupApi, 3, {
    groupId,
    generationId: joined.generationId,
    memberId,
    assignments,
  });
  expect(synced).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });
  return joined;
}

async function describeGroup(groupId: string, version = 4): Promise<Described | undefined> {
  const { groups } = await client.send(describeGroupsApi, version, { groups: [groupId] });
  return groups[0];
}

const commit = (
  groupId: string,
  partitions: readonly { partitionIndex: number; committedOffset: number; committedLeaderEpoch?: number }[],
  from: { generationId?: number; memberId?: string } = {},
  version = 7,
) => client.send(offsetCommitApi, version, { groupId, ...from, topics: [{ name: 'beats', partitions }] });

const fetchOffsets = (groupId: string, partitionIndexes: readonly number[] | null, version = 5) =>
  client.send(offsetFetchApi, version, {
    groupId,
    topics: partitionIndexes === null ? null : [{ name: 'beats', partitionIndexes }],
  });

describe('FindCoordinator', () => {
  test.each([0, 1, 2])('version %d names this broker', async (version) => {
    const found = await client.send(findCoordinatorApi, version, { key: 'g' });
    expect(found).toMatchObject({ errorCode: 0, nodeId: 1, host: '127.0.0.1', port: broker.port });
  });

  test('refuses kinds of coordinators it does not know', async () => {
    const unknown = await client.send(findCoordinatorApi, 2, { key: 'g', keyType: 2 });
    expect(unknown.errorCode).toBe(ErrorCode.INVALID_REQUEST);
  });
});

describe('a group over the wire', () => {
  test.each([0, 1, 2, 3, 4, 5])('is joined with JoinGroup %d', async (version) => {
    const groupId = `join-${version}`;
    let joined = await join(client, groupId, '', version);
    if (version >= 4) {
      expect(joined.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
      joined = await join(client, groupId, joined.memberId, version);
    }
    const { memberId, generationId } = joined;
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range', leader: memberId });
    for (const other of [0, 1, 2, 3]) {
      const sync = { groupId, generationId, memberId, assignments: [{ memberId, assignment: Buffer.from('all') }] };
      await expect(client.send(syncGroupApi, other, sync)).resolves.toMatchObject({ errorCode: 0 });
      const beat = { groupId, generationId, memberId };
      await expect(client.send(heartbeatApi, other, beat)).resolves.toMatchObject({ errorCode: 0 });
    }
  });

  test.each([0, 2, 3])('is left with LeaveGroup %d', async (version) => {
    const groupId = `leave-${version}`;
    const { memberId } = await member(groupId);
    const stranger = { memberId: 'stranger', groupInstanceId: null };
    const request = { groupId, memberId, members: [{ memberId, groupInstanceId: null }, stranger] };
    const left = await client.send(leaveGroupApi, version, request);
    expect(left.errorCode).toBe(0);
    const expected =
      version < 3
        ? []
        : [
            { memberId, groupInstanceId: null, errorCode: 0 },
            { ...stranger, errorCode: 25 },
          ];
    expect(left.members).toEqual(expected);
    await expect(describeGroup(groupId)).resolves.toMatchObject({ groupState: 'Empty', members: [] });
  });

  test('is described with its members while it is stable, and as dead when there is none', async () => {
    const { memberId } = await member('described');
    const self = { memberId, clientId: 'test', clientHost: '/127.0.0.1' };
    for (const version of [0, 1, 2, 3, 4]) {
      await expect(describeGroup('described', version)).resolves.toMatchObject({
        errorCode: 0,
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
        members: [{ ...self, memberMetadata: Buffer.from('topics'), memberAssignment: Buffer.from('all') }],
      });
    }
    await expect(describeGroup('nobody')).resolves.toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
  });

  test('is listed, and deleted only when it has no members', async () => {
    const { memberId } = await member('listed');
    for (const version of [0, 1, 2]) {
      const { groups } = await client.send(listGroupsApi, version, {});
      expect(groups).toContainEqual({ groupId: 'listed', protocolType: 'consumer', groupState: '' });
    }
    const remove = (version: number) => client.send(deleteGroupsApi, version, { groupsNames: ['listed', 'nobody'] });
    expect((await remove(1)).results.map(({ errorCode }) => errorCode)).toEqual([68, 69]);
    await client.send(leaveGroupApi, 1, { groupId: 'listed', memberId });
    expect((await remove(0)).results.map(({ errorCode }) => errorCode)).toEqual([0, 69]);
    expect((await client.send(listGroupsApi, 0, {})).groups.map(({ groupId }) => groupId)).not.toContain('listed');
  });
});

describe('control.fail', () => {
  const at = { groupId: 'failing', memberId: 'm', generationId: 1 };
  const join = { ...at, sessionTimeoutMs: 30_000, protocolType: 'consumer', protocols: [], rebalanceTimeoutMs: 1 };
  const beats = [{ name: 'beats', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }];
  test.each<[AnyApi, number, unknown]>([
    [findCoordinatorApi, 2, { key: 'failing' }],
    [joinGroupApi, 5, join],
    [syncGroupApi, 3, { ...at, assignments: [] }],
    [heartbeatApi, 3, at],
    [leaveGroupApi, 3, { ...at, members: [] }],
    [offsetCommitApi, 7, { ...at, topics: beats }],
    [offsetFetchApi, 7, { ...at, topics: null }],
    [describeGroupsApi, 4, { groups: ['failing'] }],
    [listGroupsApi, 2, {}],
    [deleteGroupsApi, 1, { groupsNames: ['failing'] }],
  ])('makes $name answer the error it is given', async (api, version, request) => {
    broker.control.fail(api.key, { errorCode: ErrorCode.NOT_COORDINATOR });
    const response = await client.send(api, version, request as never);
    expect(JSON.stringify(response)).toContain(`"errorCode":${ErrorCode.NOT_COORDINATOR}`);
  });
});

describe('a connection that ends while its request is parked', () => {
  test('takes a join with it, and the others go on without waiting for it', async () => {
    const first = await member('cancelled');
    const gone = await RawClient.connect(broker.port);
    const lost = join(gone, 'cancelled', '', 3).catch((error: unknown) => error);
    await until(async () => (await describeGroup('cancelled'))?.members.length === 2);
    await gone.close();
    expect(await lost).toBeInstanceOf(Error);
    const again = await join(client, 'cancelled', first.memberId);
    expect(again).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(again.members.map(({ memberId }) => memberId)).toEqual([first.memberId]);
  });

  test('takes a sync with it, and the member’s next sync is answered', async () => {
    const one = await RawClient.connect(broker.port);
    const two = await RawClient.connect(broker.port);
    const groupId = 'cancelled-sync';
    const ids = [(await join(one, groupId)).memberId, (await join(two, groupId)).memberId];
    const [leader, follower] = await Promise.all([join(one, groupId, ids[0]), join(two, groupId, ids[1])]);
    const { generationId } = leader;
    const sync = { groupId, generationId, memberId: follower.memberId, assignments: [] };
    const lost = two.send(syncGroupApi, 3, sync).catch((error: unknown) => error);
    await two.close();
    expect(await lost).toBeInstanceOf(Error);
    const assignments = [{ memberId: follower.memberId, assignment: Buffer.from('half') }];
    await one.send(syncGroupApi, 3, { groupId, generationId, memberId: leader.memberId, assignments });
    const synced = await client.send(syncGroupApi, 3, sync);
    expect(synced.assignment.toString()).toBe('half');
    await one.close();
  });
});

describe('offsets', () => {
  test.each([2, 3, 4, 5, 6, 7])('are committed with OffsetCommit %d and read back', async (version) => {
    const groupId = `commit-${version}`;
    const partitions = [{ partitionIndex: 1, committedOffset: 2 ** 33 + version, committedLeaderEpoch: 7 }];
    const committed = await commit(groupId, partitions, {}, version);
    expect(committed.topics).toEqual([{ name: 'beats', partitions: [{ partitionIndex: 1, errorCode: 0 }] }]);
    for (const reading of [1, 2, 3, 4, 5, 6, 7]) {
      const { topics } = await fetchOffsets(groupId, [1, 0], reading);
      const leaderEpoch = version >= 6 && reading >= 5 ? 7 : -1;
      expect(topics[0]?.partitions).toEqual([
        {
          partitionIndex: 1,
          committedOffset: 2 ** 33 + version,
          committedLeaderEpoch: leaderEpoch,
          metadata: '',
          errorCode: 0,
        },
        { partitionIndex: 0, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 },
      ]);
    }
  });

  test('are all answered when no topics are named', async () => {
    await commit(
      'all',
      [0, 1].map((partitionIndex) => ({ partitionIndex, committedOffset: 9 })),
    );
    const { topics } = await fetchOffsets('all', null);
    expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([['beats', 2]]);
    await expect(fetchOffsets('never committed', null)).resolves.toMatchObject({ errorCode: 0, topics: [] });
  });

  test('are checked partition by partition', async () => {
    const metadata = (length: number) => ({ committedMetadata: 'm'.repeat(length) });
    const partitions = [
      { partitionIndex: 0, committedOffset: 1, ...metadata(4096) },
      { partitionIndex: 1, committedOffset: 1, ...metadata(4097) },
      { partitionIndex: 2, committedOffset: 1 },
    ];
    const { topics } = await commit('checked', partitions);
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ErrorCode.OFFSET_METADATA_TOO_LARGE,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect((await fetchOffsets('checked', null)).topics[0]?.partitions).toHaveLength(1);
  });

  test('of a member are refused with the same code for every partition', async () => {
    const { memberId, generationId } = await member('fenced');
    const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, committedOffset: 1 }));
    const codes = async (from: object): Promise<number[] | undefined> =>
      (await commit('fenced', partitions, from)).topics[0]?.partitions.map(({ errorCode }) => errorCode);
    await expect(codes({ memberId, generationId: generationId - 1 })).resolves.toEqual([22, 22]);
    await expect(codes({ memberId: 'stranger', generationId })).resolves.toEqual([25, 25]);
    await expect(codes({})).resolves.toEqual([25, 25]);
    await expect(codes({ memberId, generationId })).resolves.toEqual([0, 0]);
  });

  test('go with their topic', async () => {
    await createTopic(client, 'short-lived', 1);
    const topics = [{ name: 'short-lived', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }];
    await client.send(offsetCommitApi, 7, { groupId: 'of-short-lived', topics });
    await client.send(deleteTopicsApi, 3, { topicNames: ['short-lived'], timeoutMs: 1000 });
    await expect(fetchOffsets('of-short-lived', null)).resolves.toMatchObject({ topics: [] });
  });

  test('and groups are there again after a restart, and a member of before has to join anew', async () => {
    const { memberId, generationId } = await member('restarted');
    await commit('restarted', [{ partitionIndex: 0, committedOffset: 77, committedLeaderEpoch: 2 }], {
      memberId,
      generationId,
    });
    await client.close();
    await broker.restart();
    client = await RawClient.connect(broker.port);
    const { topics } = await fetchOffsets('restarted', [0]);
    expect(topics[0]?.partitions[0]).toMatchObject({ committedOffset: 77, committedLeaderEpoch: 2 });
    await expect(describeGroup('restarted')).resolves.toMatchObject({ groupState: 'Empty', protocolType: 'consumer' });
    const beat = await client.send(heartbeatApi, 3, { groupId: 'restarted', generationId, memberId });
    expect(beat.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });
});

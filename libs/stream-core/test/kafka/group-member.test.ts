import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetFetchApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import type { BrokerError } from '../../src/kafka/errors.ts';
import { GroupMember } from '../../src/kafka/group-member.ts';
import type { GroupAssignor, GroupHooks, GroupMemberOptions } from '../../src/kafka/group-types.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { RebalancingGroup } from './support/rebalancing-group.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let group: RebalancingGroup;
let members: GroupMember[];
/** What the hooks heard, in order. */
let heard: string[];

const assignor: GroupAssignor = {
  name: 'all',
  metadata: () => Buffer.from('subscription'),
  assign: (joined, counts) =>
    new Map(joined.map(({ memberId }) => [memberId, Buffer.from(`${counts.get('t')} partitions`)])),
};

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 4);
  group = new RebalancingGroup(broker);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
  members = [];
  heard = [];
});

afterEach(async () => {
  for (const member of members) await member.leave();
  await client.close();
  await broker.close();
});

function makeMember(options: Partial<GroupMemberOptions> = {}, hooks: Partial<GroupHooks> = {}): GroupMember {
  const member = new GroupMember(client, {
    groupId: 'g',
    topics: ['t'],
    assignor,
    heartbeatIntervalMs: 10,
    ...options,
    hooks: {
      onRevoked: async () => void heard.push('revoked'),
      onAssigned: async (assignment, { generation }) =>
        void heard.push(`assigned ${assignment.toString()} in ${generation}`),
      onLost: async (reason) => void heard.push(`lost: ${(reason as BrokerError).reason}`),
      onError: (error) => void heard.push(`error: ${(error as BrokerError).reason ?? error.message}`),
      ...hooks,
    },
  });
  members.push(member);
  return member;
}

const assignments = (): number => heard.filter((line) => line.startsWith('assigned')).length;

async function joined(member: GroupMember, times = 1): Promise<void> {
  await until(`assignment ${times}`, () => assignments() >= times && member.state === 'stable');
}

describe('joining', () => {
  test('takes the member id that the broker hands out, assigns as the leader and hands the own part on', async () => {
    const member = makeMember();
    member.start();
    await joined(member);
    expect(broker.received(joinGroupApi).map(({ body }) => (body as { memberId: string }).memberId)).toEqual([
      '',
      'member-1',
    ]);
    expect(heard).toEqual(['assigned 4 partitions in 1']);
    expect(member.membership).toEqual({ memberId: 'member-1', generation: 1, leader: true });
  });

  test.each([
    ['the coordinator is loading', 'JoinGroup', 14],
    ['the coordinator has moved', 'JoinGroup', 16],
    ['the group rebalances again before the sync', 'SyncGroup', 27],
    ['the member was forgotten before the sync', 'SyncGroup', 25],
  ])('joins again when %s, without telling anyone of a revocation', async (_what, api, code) => {
    group.answer(api, code);
    const member = makeMember();
    member.start();
    await joined(member);
    expect(heard).toEqual([expect.stringContaining('assigned')]);
  });

  test('looks a coordinator that has moved up again', async () => {
    group.answer('JoinGroup', 16);
    const member = makeMember();
    member.start();
    await joined(member);
    expect(broker.received(findCoordinatorApi)).toHaveLength(2);
  });

  test('an error that cannot pass ends it', async () => {
    group.answer('JoinGroup', 30);
    const member = makeMember();
    member.start();
    await until('the error', () => heard.length > 0);
    expect([member.state, heard]).toEqual(['failed', ['error: GROUP_AUTHORIZATION_FAILED']]);
  });

  test('an assignor that leaves a member out ends it', async () => {
    const member = makeMember({ assignor: { ...assignor, assign: () => new Map() } });
    member.start();
    await until('the error', () => heard.length > 0);
    expect(heard).toEqual(['error: assignor all gave member member-1 no assignment']);
  });

  test('is started once', () => {
    const member = makeMember();
    member.start();
    expect(() => member.start()).toThrow('start of a member that is joining');
  });
});

describe('rebalancing', () => {
  test('a heartbeat answered with 27 revokes, then rejoins as the same member; commits in onRevoked count', async () => {
    const member: GroupMember = makeMember(
      {},
      {
        onRevoked: async () => {
          heard.push('revoked');
          await member.commit([{ topic: 't', partition: 1, offset: 7 }]);
        },
      },
    );
    member.start();
    await joined(member);
    group.answer('Heartbeat', 27);
    await joined(member, 2);
    expect(heard).toEqual(['assigned 4 partitions in 1', 'revoked', 'assigned 4 partitions in 2']);
    expect(group.joins.map(({ memberId }) => memberId)).toEqual(['member-1', 'member-1']);
    expect(group.commits).toEqual([{ generationId: 1, memberId: 'member-1', offsets: { 't-1': 7 } }]);
  });

  test('heartbeats go on while onRevoked works', async () => {
    const { promise: working, resolve: finish } = Promise.withResolvers<void>();
    const member = makeMember({}, { onRevoked: () => working });
    member.start();
    await joined(member);
    member.requestRejoin('test');
    const before = broker.received(heartbeatApi).length;
    await until('three more heartbeats', () => broker.received(heartbeatApi).length >= before + 3);
    finish();
    await joined(member, 2);
  });

  test.each([
    [22, 'ILLEGAL_GENERATION', 'member-1'],
    [25, 'UNKNOWN_MEMBER_ID', 'member-2'],
  ])('a heartbeat answered with %i means that the partitions are lost', async (code, reason, nextMember) => {
    const member = makeMember();
    member.start();
    await joined(member);
    group.answer('Heartbeat', code);
    await joined(member, 2);
    expect(heard.slice(1)).toEqual([`lost: ${reason}`, 'assigned 4 partitions in 2']);
    expect(group.joins.at(-1)?.memberId).toBe(nextMember);
  });

  test('a member whose heartbeats are not answered for the session timeout takes itself for expelled', async () => {
    const member = makeMember({ sessionTimeoutMs: 100 });
    member.start();
    await joined(member);
    broker.on(heartbeatApi, () => Fault.DROP);
    await until('the loss', () => heard.includes('lost: SESSION_TIMED_OUT'));
  });

  test.each(['JoinGroup', 'SyncGroup'])(
    'a member that the group forgot while it rejoined (%s) is told of the loss before it is given anything again',
    async (api) => {
      const member = makeMember();
      member.start();
      await joined(member);
      group.answer(api, 25);
      group.answer('Heartbeat', 27);
      await joined(member, 2);
      expect([heard[1], heard[2], heard.length]).toEqual(['revoked', 'lost: UNKNOWN_MEMBER_ID', 4]);
      expect(member.membership?.memberId).toBe('member-2');
    },
  );

  test('a member that learns in onRevoked that the group forgot it is told of the loss', async () => {
    const member: GroupMember = makeMember(
      {},
      {
        onRevoked: async () => {
          heard.push('revoked');
          await member.commit([{ topic: 't', partition: 1, offset: 7 }]).catch(() => heard.push('commit refused'));
        },
      },
    );
    member.start();
    await joined(member);
    group.answer('OffsetCommit', 25);
    group.answer('Heartbeat', 27);
    await joined(member, 2);
    expect(heard.slice(1, -1)).toEqual(['revoked', 'commit refused', 'lost: UNKNOWN_MEMBER_ID']);
  });

  test('survives the loss of the coordinator’s socket without a rebalance', async () => {
    const member = makeMember();
    member.start();
    await joined(member);
    broker.dropAllSockets();
    const before = broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => broker.received(heartbeatApi).length >= before + 2);
    expect(heard).toHaveLength(1);
  });

  test('follows a coordinator that moves while the group is stable, without a rebalance', async () => {
    const member = makeMember();
    member.start();
    await joined(member);
    const lookups = broker.received(findCoordinatorApi).length;
    group.answer('Heartbeat', 16);
    await until('the coordinator is looked up', () => broker.received(findCoordinatorApi).length > lookups);
    const before = broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => broker.received(heartbeatApi).length >= before + 2);
    expect(heard).toHaveLength(1);
  });

  test('an onError that throws ends no process', async () => {
    const member = makeMember(
      {},
      {
        onError: () => {
          heard.push('told');
          throw new Error('of its own');
        },
      },
    );
    group.answer('JoinGroup', 30);
    member.start();
    await until('it was told', () => heard.includes('told'));
    expect(member.state).toBe('failed');
  });

  test('a hook that throws ends the membership', async () => {
    const member = makeMember({}, { onRevoked: () => Promise.reject(new Error('cannot let go')) });
    member.start();
    await joined(member);
    member.requestRejoin('test');
    await until('the error', () => heard.includes('error: cannot let go'));
    expect([member.state, member.membership]).toEqual(['failed', undefined]);
  });
});

describe('static membership', () => {
  test('sends its instance id and does not leave', async () => {
    const member = makeMember({ groupInstanceId: 'i' });
    member.start();
    await joined(member);
    await member.leave();
    expect(member.state).toBe('left');
    expect(
      broker.received(joinGroupApi).map(({ body }) => (body as { groupInstanceId: string }).groupInstanceId),
    ).toEqual(['i']);
    expect(broker.received(leaveGroupApi)).toEqual([]);
  });

  test('is fenced when another process takes the instance id', async () => {
    const member = makeMember({ groupInstanceId: 'i' });
    member.start();
    await joined(member);
    group.answer('Heartbeat', 82);
    await until('the error', () => heard.length === 2);
    expect([heard[1], member.state]).toEqual(['error: FENCED_INSTANCE_ID', 'failed']);
  });
});

describe('offsets', () => {
  test('a commit is tried again while the coordinator loads or moves', async () => {
    const member = makeMember();
    member.start();
    await joined(member);
    group.answer('OffsetCommit', 14, 16);
    await member.commit([{ topic: 't', partition: 0, offset: 3 }]);
    expect(group.commits).toHaveLength(1);
    expect(broker.received(offsetCommitApi)).toHaveLength(3);
  });

  test.each([
    [22, 'ILLEGAL_GENERATION', 'lost: ILLEGAL_GENERATION'],
    [82, 'FENCED_INSTANCE_ID', 'error: FENCED_INSTANCE_ID'],
  ])('a commit answered with %i is refused, and the member draws the consequence', async (code, reason, line) => {
    const member = makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await joined(member);
    group.answer('OffsetCommit', code);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({ reason });
    await until('the hook', () => heard.includes(line));
  });

  test('a commit during a rebalance is refused, and the member rejoins without a loss', async () => {
    const member = makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await joined(member);
    group.answer('OffsetCommit', 27);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      recovery: 'rejoin',
    });
    await joined(member, 2);
    expect(heard.slice(1)).toEqual(['revoked', 'assigned 4 partitions in 2']);
  });

  test('a commit that is refused for what it says leaves the member where it is', async () => {
    const member = makeMember();
    member.start();
    await joined(member);
    group.answer('OffsetCommit', 12);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      reason: 'OFFSET_METADATA_TOO_LARGE',
    });
    expect([member.state, heard]).toEqual(['stable', ['assigned 4 partitions in 1']]);
  });

  test.each([
    [47, 'INVALID_PRODUCER_EPOCH'],
    [90, 'PRODUCER_FENCED'],
  ])('a producer that is fenced during a transactional commit (%i) costs the member nothing', async (code, reason) => {
    const member = makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await joined(member);
    broker.on(txnOffsetCommitApi, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
      })),
    }));
    const transaction = { transactionalId: 'x', producerId: 1, producerEpoch: 0 };
    await expect(
      member.commitInTransaction(transaction, [{ topic: 't', partition: 0, offset: 3 }]),
    ).rejects.toMatchObject({ reason, recovery: 'fenced' });
    await member.commit([{ topic: 't', partition: 0, offset: 3 }]);
    expect([member.state, heard]).toEqual(['stable', ['assigned 4 partitions in 1']]);
  });

  test('a commit of one who is no member is refused', async () => {
    await expect(makeMember().commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      recovery: 'rejoin',
    });
  });

  test('committed offsets come in the order asked for, and an undecided one is waited for', async () => {
    group.answer('OffsetFetch', 88);
    const partitions = [
      { topic: 't', partition: 3 },
      { topic: 't', partition: 0 },
    ];
    expect(await makeMember().committed(partitions)).toEqual([
      undefined,
      { offset: 42, leaderEpoch: -1, metadata: 'm' },
    ]);
    expect(broker.received(offsetFetchApi)[0]?.body).toMatchObject({ requireStable: true });
  });
});

describe('sockets', () => {
  test('a join that the broker holds keeps neither another member’s heartbeats nor commits waiting', async () => {
    const first = makeMember();
    first.start();
    await joined(first);
    broker.on(joinGroupApi, () => Fault.NO_ANSWER);
    const second = makeMember({}, { onAssigned: async () => undefined });
    second.start();
    await until('the join is out', () => broker.received(joinGroupApi).length >= 3);
    const before = broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => broker.received(heartbeatApi).length >= before + 2);
    await first.commit([{ topic: 't', partition: 0, offset: 1 }]);
    expect(new Set(broker.received(joinGroupApi).map(({ connection }) => connection)).size).toBe(2);
    expect(broker.received(offsetCommitApi)[0]?.connection).not.toBe(broker.received(heartbeatApi)[0]?.connection);
  });

  test('leave takes a join back that the broker still holds', async () => {
    broker.on(joinGroupApi, ({ memberId }) =>
      memberId === '' ? { errorCode: 79, memberId: 'member-9' } : Fault.NO_ANSWER,
    );
    const member = makeMember();
    member.start();
    await until('the second join is out', () => broker.received(joinGroupApi).length === 2);
    await member.leave();
    expect(
      broker
        .received(leaveGroupApi)
        .map(({ body }) => (body as { members: { memberId: string }[] }).members[0]?.memberId),
    ).toEqual(['member-9']);
    expect(heard).toEqual([]);
  });
});

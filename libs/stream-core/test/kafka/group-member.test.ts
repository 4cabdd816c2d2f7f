import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  offsetCommitApi,
} from '@playhead/kafka-protocol';
import type { GroupMember } from '../../src/kafka/group-member.ts';
import { until } from './support/deadline.ts';
import { assignor, GroupScene } from './support/group-scene.ts';
import { Fault } from './support/scripted-broker.ts';

let scene: GroupScene;

beforeEach(async () => {
  scene = await GroupScene.start();
});

afterEach(() => scene.close());

describe('joining', () => {
  test('takes the member id that the broker hands out, assigns as the leader and hands the own part on', async () => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    expect(scene.broker.received(joinGroupApi).map(({ body }) => (body as { memberId: string }).memberId)).toEqual([
      '',
      'member-1',
    ]);
    expect(scene.heard).toEqual(['assigned 4 partitions in 1']);
    expect(member.membership).toEqual({ memberId: 'member-1', generation: 1, leader: true });
  });

  test.each([
    ['the coordinator is loading', 'JoinGroup', 14],
    ['the coordinator has moved', 'JoinGroup', 16],
    ['the group rebalances again before the sync', 'SyncGroup', 27],
    ['the member was forgotten before the sync', 'SyncGroup', 25],
  ])('joins again when %s, without telling anyone of a revocation', async (_what, api, code) => {
    scene.group.answer(api, code);
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    expect(scene.heard).toEqual([expect.stringContaining('assigned')]);
  });

  test('looks a coordinator that has moved up again', async () => {
    scene.group.answer('JoinGroup', 16);
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    expect(scene.broker.received(findCoordinatorApi)).toHaveLength(2);
  });

  test('an error that cannot pass ends it', async () => {
    scene.group.answer('JoinGroup', 30);
    const member = scene.makeMember();
    member.start();
    await until('the error', () => scene.heard.length > 0);
    expect([member.state, scene.heard]).toEqual(['failed', ['error: GROUP_AUTHORIZATION_FAILED']]);
  });

  test('an assignor that leaves a member out ends it', async () => {
    const member = scene.makeMember({ assignor: { ...assignor, assign: () => new Map() } });
    member.start();
    await until('the error', () => scene.heard.length > 0);
    expect(scene.heard).toEqual(['error: assignor all gave member member-1 no assignment']);
  });

  test('is started once', () => {
    const member = scene.makeMember();
    member.start();
    expect(() => member.start()).toThrow('start of a member that is joining');
  });
});

describe('rebalancing', () => {
  test('a heartbeat answered with 27 revokes, then rejoins as the same member; commits in onRevoked count', async () => {
    const member: GroupMember = scene.makeMember(
      {},
      {
        onRevoked: async () => {
          scene.heard.push('revoked');
          await member.commit([{ topic: 't', partition: 1, offset: 7 }]);
        },
      },
    );
    member.start();
    await scene.joined(member);
    scene.group.answer('Heartbeat', 27);
    await scene.joined(member, 2);
    expect(scene.heard).toEqual(['assigned 4 partitions in 1', 'revoked', 'assigned 4 partitions in 2']);
    expect(scene.group.joins.map(({ memberId }) => memberId)).toEqual(['member-1', 'member-1']);
    expect(scene.group.commits).toEqual([{ generationId: 1, memberId: 'member-1', offsets: { 't-1': 7 } }]);
  });

  test('heartbeats go on while onRevoked works', async () => {
    const { promise: working, resolve: finish } = Promise.withResolvers<void>();
    const member = scene.makeMember({}, { onRevoked: () => working });
    member.start();
    await scene.joined(member);
    member.requestRejoin('test');
    const before = scene.broker.received(heartbeatApi).length;
    await until('three more heartbeats', () => scene.broker.received(heartbeatApi).length >= before + 3);
    finish();
    await scene.joined(member, 2);
  });

  test.each([
    [22, 'ILLEGAL_GENERATION', 'member-1'],
    [25, 'UNKNOWN_MEMBER_ID', 'member-2'],
  ])('a heartbeat answered with %i means that the partitions are lost', async (code, reason, nextMember) => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    scene.group.answer('Heartbeat', code);
    await scene.joined(member, 2);
    expect(scene.heard.slice(1)).toEqual([`lost: ${reason}`, 'assigned 4 partitions in 2']);
    expect(scene.group.joins.at(-1)?.memberId).toBe(nextMember);
  });

  test('a member whose heartbeats are not answered for the session timeout takes itself for expelled', async () => {
    const member = scene.makeMember({ sessionTimeoutMs: 100 });
    member.start();
    await scene.joined(member);
    scene.broker.on(heartbeatApi, () => Fault.DROP);
    await until('the loss', () => scene.heard.includes('lost: SESSION_TIMED_OUT'));
  });

  test.each(['JoinGroup', 'SyncGroup'])(
    'a member that the group forgot while it rejoined (%s) is told of the loss before it is given anything again',
    async (api) => {
      const member = scene.makeMember();
      member.start();
      await scene.joined(member);
      scene.group.answer(api, 25);
      scene.group.answer('Heartbeat', 27);
      await scene.joined(member, 2);
      expect([scene.heard[1], scene.heard[2], scene.heard.length]).toEqual(['revoked', 'lost: UNKNOWN_MEMBER_ID', 4]);
      expect(member.membership?.memberId).toBe('member-2');
    },
  );

  test('a member that learns in onRevoked that the group forgot it is told of the loss', async () => {
    const member: GroupMember = scene.makeMember(
      {},
      {
        onRevoked: async () => {
          scene.heard.push('revoked');
          await member
            .commit([{ topic: 't', partition: 1, offset: 7 }])
            .catch(() => scene.heard.push('commit refused'));
        },
      },
    );
    member.start();
    await scene.joined(member);
    scene.group.answer('OffsetCommit', 25);
    scene.group.answer('Heartbeat', 27);
    await scene.joined(member, 2);
    expect(scene.heard.slice(1, -1)).toEqual(['revoked', 'commit refused', 'lost: UNKNOWN_MEMBER_ID']);
  });

  test('survives the loss of the coordinator’s socket without a rebalance', async () => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    scene.broker.dropAllSockets();
    const before = scene.broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => scene.broker.received(heartbeatApi).length >= before + 2);
    expect(scene.heard).toHaveLength(1);
  });

  test('follows a coordinator that moves while the group is stable, without a rebalance', async () => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    const lookups = scene.broker.received(findCoordinatorApi).length;
    scene.group.answer('Heartbeat', 16);
    await until('the coordinator is looked up', () => scene.broker.received(findCoordinatorApi).length > lookups);
    const before = scene.broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => scene.broker.received(heartbeatApi).length >= before + 2);
    expect(scene.heard).toHaveLength(1);
  });

  test('an onError that throws ends no process', async () => {
    const member = scene.makeMember(
      {},
      {
        onError: () => {
          scene.heard.push('told');
          throw new Error('of its own');
        },
      },
    );
    scene.group.answer('JoinGroup', 30);
    member.start();
    await until('it was told', () => scene.heard.includes('told'));
    expect(member.state).toBe('failed');
  });

  test('a hook that throws ends the membership', async () => {
    const member = scene.makeMember({}, { onRevoked: () => Promise.reject(new Error('cannot let go')) });
    member.start();
    await scene.joined(member);
    member.requestRejoin('test');
    await until('the error', () => scene.heard.includes('error: cannot let go'));
    expect([member.state, member.membership]).toEqual(['failed', undefined]);
  });
});

describe('static membership', () => {
  test('sends its instance id and does not leave', async () => {
    const member = scene.makeMember({ groupInstanceId: 'i' });
    member.start();
    await scene.joined(member);
    await member.leave();
    expect(member.state).toBe('left');
    expect(
      scene.broker.received(joinGroupApi).map(({ body }) => (body as { groupInstanceId: string }).groupInstanceId),
    ).toEqual(['i']);
    expect(scene.broker.received(leaveGroupApi)).toEqual([]);
  });

  test('is fenced when another process takes the instance id', async () => {
    const member = scene.makeMember({ groupInstanceId: 'i' });
    member.start();
    await scene.joined(member);
    scene.group.answer('Heartbeat', 82);
    await until('the error', () => scene.heard.length === 2);
    expect([scene.heard[1], member.state]).toEqual(['error: FENCED_INSTANCE_ID', 'failed']);
  });
});

describe('sockets', () => {
  test('a join that the broker holds keeps neither another member’s heartbeats nor commits waiting', async () => {
    const first = scene.makeMember();
    first.start();
    await scene.joined(first);
    scene.broker.on(joinGroupApi, () => Fault.NO_ANSWER);
    const second = scene.makeMember({}, { onAssigned: async () => undefined });
    second.start();
    await until('the join is out', () => scene.broker.received(joinGroupApi).length >= 3);
    const before = scene.broker.received(heartbeatApi).length;
    await until('heartbeats go on', () => scene.broker.received(heartbeatApi).length >= before + 2);
    await first.commit([{ topic: 't', partition: 0, offset: 1 }]);
    expect(new Set(scene.broker.received(joinGroupApi).map(({ connection }) => connection)).size).toBe(2);
    expect(scene.broker.received(offsetCommitApi)[0]?.connection).not.toBe(
      scene.broker.received(heartbeatApi)[0]?.connection,
    );
  });

  test('leave takes a join back that the broker still holds', async () => {
    scene.broker.on(joinGroupApi, ({ memberId }) =>
      memberId === '' ? { errorCode: 79, memberId: 'member-9' } : Fault.NO_ANSWER,
    );
    const member = scene.makeMember();
    member.start();
    await until('the second join is out', () => scene.broker.received(joinGroupApi).length === 2);
    await member.leave();
    expect(
      scene.broker
        .received(leaveGroupApi)
        .map(({ body }) => (body as { members: { memberId: string }[] }).members[0]?.memberId),
    ).toEqual(['member-9']);
    expect(scene.heard).toEqual([]);
  });
});

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { answered, GroupHarness, SESSION_MS, type TestMember } from './group-harness.ts';

const directories = new TemporaryDirectories();
let groups: GroupHarness;

beforeEach(() => {
  groups = new GroupHarness(directories.make());
});
afterAll(() => directories.removeAll());

const stranger: TestMember = { id: 'stranger', generationId: 1 };

describe('heartbeats', () => {
  test('keep a member for ever, however long the session has to be renewed', async () => {
    const [only] = await groups.stable(1);
    for (let i = 0; i < 20; i++) {
      groups.clock.advance(SESSION_MS - 1);
      expect(groups.heartbeat(only ?? stranger)).toBe(0);
    }
    groups.clock.advance(SESSION_MS);
    expect(groups.heartbeat(only ?? stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('are refused for a stale generation, a stranger, an unknown group and no group at all', async () => {
    const [only] = await groups.stable(1);
    expect(groups.heartbeat({ id: only?.id ?? '', generationId: 0 })).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(groups.heartbeat(stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const request = { generationId: 1, memberId: 'x', groupInstanceId: null };
    expect(groups.coordinator.heartbeat({ ...request, groupId: 'other' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    // Kafka lets offsets be committed for the group without a name, but nobody can be a member of it.
    groups.coordinator.commit('', []);
    expect(groups.coordinator.heartbeat({ ...request, groupId: '' })).toBe(ErrorCode.INVALID_GROUP_ID);
    expect(groups.heartbeat(only ?? stranger, 'no such instance')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('are fine between join and sync, when a client may begin with them', () => {
    const { memberId } = groups.joinWithNewId();
    expect(groups.state()).toBe('CompletingRebalance');
    expect(groups.heartbeat({ id: memberId, generationId: 1 })).toBe(0);
  });

  test('do not start the session of a member whose join is parked', async () => {
    const [leader, follower] = await groups.stable(2, { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 300_000 });
    const parked = groups.join({ memberId: leader?.id ?? '', rebalanceTimeoutMs: 300_000 });
    expect(groups.heartbeat(leader ?? stranger)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    for (let i = 0; i < 4; i++) {
      groups.clock.advance(50_000);
      groups.heartbeat(follower ?? stranger);
    }
    await answered();
    expect([parked.isParked, groups.coordinator.group('g')?.size]).toEqual([true, 2]);
  });
});

describe('leaving', () => {
  test('begins a rebalance at once', async () => {
    const [leader, follower] = await groups.stable(2);
    expect(groups.leave(follower?.id ?? '')).toBe(0);
    expect(groups.heartbeat(leader ?? stranger)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(groups.heartbeat(follower ?? stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('of the one that a rebalance waits for ends the wait', async () => {
    const [leader, follower] = await groups.stable(2);
    const parked = groups.join({ memberId: leader?.id ?? '' });
    groups.leave(follower?.id ?? '');
    await answered();
    expect(parked.response).toMatchObject({ errorCode: 0, generationId: 3, members: [{ memberId: leader?.id }] });
  });

  test('of a member to be gives its promised id up', async () => {
    const promised = groups.join().response?.memberId ?? '';
    const waiting = groups.joinWithNewId();
    expect(waiting.isParked).toBe(true);
    expect(groups.leave(promised)).toBe(0);
    await answered();
    expect(waiting.response?.errorCode).toBe(0);
    expect(groups.join({ memberId: promised }).response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('by instance id alone is how an administrator takes a static member out', () => {
    const memberId = groups.join({ instanceId: 'pod-1' }).response?.memberId ?? '';
    groups.sync({ id: memberId, generationId: 1 });
    expect(groups.leave('', 'pod-2')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(groups.leave('', 'pod-1')).toBe(0);
    expect(groups.state()).toBe('Empty');
  });

  test('is refused for a stranger and an unknown group', async () => {
    expect(groups.leave('anyone')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    await groups.stable(1);
    expect(groups.leave('anyone')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });
});

describe('the choice of the protocol', () => {
  test.each([
    ['the only common one', [{ range: '', sticky: '' }, { sticky: '' }], 'sticky'],
    [
      'what most prefer',
      [
        { a: '', b: '' },
        { b: '', a: '' },
        { b: '', a: '' },
      ],
      'b',
    ],
    [
      'the first by name at a tie',
      [
        { z: '', a: '' },
        { a: '', z: '' },
      ],
      'a',
    ],
    [
      'a preference among the common ones only',
      [
        { x: '', b: '', a: '' },
        { a: '', b: '' },
        { b: '', a: '' },
      ],
      'b',
    ],
  ])('is %s', async (_, memberProtocols, chosen) => {
    const ids = memberProtocols.map(() => groups.join().response?.memberId ?? '');
    const calls = ids.map((memberId, i) =>
      groups.join({ memberId, protocols: memberProtocols[i] as Record<string, string> }),
    );
    await answered();
    expect(new Set(calls.map((call) => call.response?.protocolName))).toEqual(new Set([chosen]));
  });
});

describe('commits', () => {
  const outsider: TestMember = { id: '', generationId: -1 };

  test('of a member are taken while the group is stable or prepares a rebalance, and not while it completes one', async () => {
    const [leader, follower] = await groups.stable(2);
    expect(groups.commitCheck(leader ?? stranger)).toBe(0);
    groups.join({ memberId: leader?.id ?? '' });
    expect(groups.state()).toBe('PreparingRebalance');
    expect(groups.commitCheck(follower ?? stranger)).toBe(0);
    groups.join({ memberId: follower?.id ?? '' });
    expect(groups.state()).toBe('CompletingRebalance');
    expect(groups.commitCheck({ id: follower?.id ?? '', generationId: 3 })).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test('show life as heartbeats do', async () => {
    const [only] = await groups.stable(1);
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.commitCheck(only ?? stranger)).toBe(0);
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.heartbeat(only ?? stranger)).toBe(0);
  });

  test('are refused for a stale generation and a stranger', async () => {
    const [only] = await groups.stable(1);
    expect(groups.commitCheck({ id: only?.id ?? '', generationId: 0 })).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(groups.commitCheck(stranger)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('of a generation are refused when there is no such group', () => {
    expect(groups.commitCheck(stranger)).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  test('from outside are taken by a group without members, and by one with members only in a transaction', async () => {
    expect(groups.commitCheck(outsider)).toBe(0);
    const [only] = await groups.stable(1);
    expect(groups.commitCheck(outsider)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const committer = { memberId: '', generationId: -1, groupInstanceId: null };
    expect(groups.coordinator.checkCommit('g', committer, true)).toBe(0);
    groups.leave(only?.id ?? '');
    expect([groups.state(), groups.commitCheck(outsider)]).toEqual(['Empty', 0]);
  });
});

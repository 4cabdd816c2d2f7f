import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { answered, GroupHarness, REBALANCE_MS, SESSION_MS } from './group-harness.ts';

const directories = new TemporaryDirectories();
let groups: GroupHarness;

beforeEach(() => {
  groups = new GroupHarness(directories.make());
});
afterAll(() => directories.removeAll());

const LONG_SESSION = { sessionTimeoutMs: 600_000 };

describe('waiting for the joins', () => {
  test('ends at the longest rebalance timeout of the members, without those who did not come', async () => {
    const [leader, slow] = await groups.stable(2, LONG_SESSION);
    groups.join({ ...LONG_SESSION, memberId: slow?.id ?? '', rebalanceTimeoutMs: 200_000 });
    // Nothing new was said, so the group is still stable; the leader begins the rebalance.
    const again = groups.join({ ...LONG_SESSION, memberId: leader?.id ?? '' });
    groups.clock.advance(REBALANCE_MS - 1);
    await answered();
    expect(again.isParked).toBe(true);
    groups.clock.advance(1);
    await answered();
    expect(again.response).toMatchObject({ errorCode: 0, generationId: 3 });
    expect(again.response?.members).toHaveLength(1);
    expect(groups.heartbeat(slow ?? { id: '', generationId: 0 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('takes the longest timeout of all into account, not that of who began it', async () => {
    const [leader, slow] = await groups.stable(2, LONG_SESSION);
    const options = { ...LONG_SESSION, protocols: { range: 'new' } };
    groups.join({ ...options, memberId: slow?.id ?? '', rebalanceTimeoutMs: 90_000 });
    groups.join({ ...options, memberId: leader?.id ?? '' });
    await answered();
    const generationId = 3;
    groups.sync({ id: leader?.id ?? '', generationId });
    groups.sync({ id: slow?.id ?? '', generationId });
    const again = groups.join({ ...options, memberId: leader?.id ?? '', rebalanceTimeoutMs: 10_000 });
    groups.clock.advance(89_999);
    await answered();
    expect(again.isParked).toBe(true);
    groups.clock.advance(1);
    await answered();
    expect(again.response).toMatchObject({ errorCode: 0, generationId: 4 });
  });

  test('makes another member the leader when the old one does not come', async () => {
    const [leader, follower] = await groups.stable(2, LONG_SESSION);
    const again = groups.join({ ...LONG_SESSION, memberId: follower?.id ?? '', protocols: { range: 'new' } });
    groups.clock.advance(REBALANCE_MS);
    await answered();
    expect(again.response).toMatchObject({ leader: follower?.id, members: [{ memberId: follower?.id }] });
    expect(leader?.id).not.toBe(follower?.id);
  });

  test('tells the others with 27 at their heartbeats, and those expire whose heartbeats do not come', async () => {
    const [leader, alive, silent] = await groups.stable(3);
    const again = groups.join({ memberId: leader?.id ?? '' });
    groups.clock.advance(SESSION_MS / 2);
    expect(groups.heartbeat(alive ?? { id: '', generationId: 0 })).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    groups.clock.advance(SESSION_MS / 2);
    expect(groups.coordinator.group('g')?.member(silent?.id ?? '')).toBeUndefined();
    const joined = groups.join({ memberId: alive?.id ?? '' });
    await answered();
    expect([again.response?.generationId, joined.response?.generationId]).toEqual([4, 4]);
  });

  test('does not let the session of a member run out whose join is parked', async () => {
    const [leader] = await groups.stable(2, LONG_SESSION);
    const again = groups.join({ memberId: leader?.id ?? '', sessionTimeoutMs: SESSION_MS });
    groups.clock.advance(REBALANCE_MS);
    await answered();
    expect(REBALANCE_MS).toBeGreaterThan(SESSION_MS);
    expect(again.response).toMatchObject({ errorCode: 0, generationId: 3 });
  });

  test('with static members only, none of whom is there, goes on until one joins or their sessions end', async () => {
    const memberId = groups.join({ instanceId: 'pod-1', ...LONG_SESSION }).response?.memberId ?? '';
    groups.sync({ id: memberId, generationId: 1 });
    const begun = groups.join({ instanceId: 'pod-1', memberId, ...LONG_SESSION, protocols: { range: 'new' } });
    expect(begun.response?.generationId).toBe(2);
    groups.join(); // an id is promised, and the leader's next join has to wait for it
    const waiting = groups.join({ instanceId: 'pod-1', memberId, ...LONG_SESSION, protocols: { range: 'newer' } });
    await waiting.disconnect();
    groups.clock.advance(REBALANCE_MS);
    expect(groups.state()).toBe('PreparingRebalance');
    const back = groups.join({ instanceId: 'pod-1', memberId, ...LONG_SESSION });
    await answered();
    expect(back.response).toMatchObject({ errorCode: 0, generationId: 3 });
  });
});

describe('waiting for the syncs', () => {
  test('puts a leader out that never syncs, and the others join again without it', async () => {
    const leader = groups.joinWithNewId(LONG_SESSION).memberId;
    const follower = groups.joinWithNewId(LONG_SESSION).memberId;
    groups.join({ memberId: leader, ...LONG_SESSION });
    await answered();
    const waiting = groups.sync({ id: follower, generationId: 2 });
    groups.clock.advance(REBALANCE_MS - 1);
    await answered();
    expect(waiting.isParked).toBe(true);
    groups.clock.advance(1);
    await answered();
    expect(waiting.response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(groups.heartbeat({ id: leader, generationId: 2 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const again = groups.join({ memberId: follower, ...LONG_SESSION });
    expect(again.response).toMatchObject({ generationId: 3, leader: follower });
  });

  test('puts a follower out that never syncs, and leaves those alone who did', async () => {
    const leader = groups.joinWithNewId(LONG_SESSION).memberId;
    const follower = groups.joinWithNewId(LONG_SESSION).memberId;
    groups.join({ memberId: leader, ...LONG_SESSION });
    await answered();
    groups.sync({ id: leader, generationId: 2 });
    expect(groups.state()).toBe('Stable');
    groups.clock.advance(REBALANCE_MS);
    expect(groups.heartbeat({ id: follower, generationId: 2 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(groups.heartbeat({ id: leader, generationId: 2 })).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test('is over when the leader was the last to sync: no timer is left but its session', async () => {
    const before = groups.clock.pending;
    await groups.stable(1);
    expect(groups.clock.pending).toBe(before + 1);
  });

  test('is over when all have synced: no timer is left but the sessions', async () => {
    const before = groups.clock.pending;
    await groups.stable(2);
    expect(groups.clock.pending).toBe(before + 2);
    const [leader] = groups.coordinator.group('g')?.members() ?? [];
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.heartbeat({ id: leader?.id ?? '', generationId: 2 })).toBe(0);
  });

  test('ends with 27 for all who wait when another member joins', async () => {
    const leader = groups.joinWithNewId().memberId;
    const follower = groups.joinWithNewId().memberId;
    groups.join({ memberId: leader });
    await answered();
    const waiting = groups.sync({ id: follower, generationId: 2 });
    groups.joinWithNewId();
    await answered();
    expect(waiting.response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(groups.state()).toBe('PreparingRebalance');
  });
});

describe('losing members', () => {
  test('a member that has joined and is never heard of again is out after its session timeout', () => {
    groups.joinWithNewId();
    expect(groups.state()).toBe('CompletingRebalance');
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.coordinator.group('g')?.size).toBe(1);
    groups.clock.advance(1);
    expect(groups.state()).toBe('Empty');
  });

  test('a member that is not heard of for its session timeout is out, and the rest rebalances', async () => {
    const [leader, silent] = await groups.stable(2);
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.heartbeat(leader ?? { id: '', generationId: 0 })).toBe(0);
    groups.clock.advance(1);
    expect(groups.state()).toBe('PreparingRebalance');
    expect(groups.heartbeat(silent ?? { id: '', generationId: 0 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('the last member’s end leaves an empty group with its generation counted on', async () => {
    const [only] = await groups.stable(1);
    groups.clock.advance(SESSION_MS);
    expect(groups.state()).toBe('Empty');
    const next = groups.joinWithNewId();
    expect(next.response?.generationId).toBe((only?.generationId ?? 0) + 2);
  });

  test('a member that goes while its join is parked is told to begin anew', async () => {
    const [leader] = await groups.stable(2);
    const parked = groups.join({ memberId: leader?.id ?? '' });
    expect(groups.leave(leader?.id ?? '')).toBe(0);
    await answered();
    expect(parked.response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });
});

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

describe('a new member', () => {
  test('is told its id first, and joins a generation of its own at once: there is no initial delay', () => {
    const first = groups.join();
    expect(first.response).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED });
    const memberId = first.response?.memberId ?? '';
    expect(memberId).toMatch(/^test-.{36}$/);
    const second = groups.join({ memberId });
    expect(second.response).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: memberId,
      memberId,
      protocolName: 'range',
    });
    expect(second.response?.members).toEqual([
      { memberId, groupInstanceId: null, metadata: Buffer.from('subscription') },
    ]);
  });

  test('is not told its id first below version 4, nor when it is static', () => {
    expect(groups.join({ apiVersion: 3 }).response).toMatchObject({ errorCode: 0, generationId: 1 });
    const other = new GroupHarness(directories.make());
    const response = other.join({ instanceId: 'pod-1' }).response;
    expect(response).toMatchObject({ errorCode: 0, memberId: expect.stringMatching(/^pod-1-/) });
  });

  test('whose id was promised holds the rebalance up until it joins, so that two that start together need one rebalance', async () => {
    const [one, two] = [groups.join().response?.memberId ?? '', groups.join().response?.memberId ?? ''];
    const first = groups.join({ memberId: one });
    await answered();
    expect(first.isParked).toBe(true);
    const second = groups.join({ memberId: two });
    await answered();
    expect([first.response?.generationId, second.response?.generationId]).toEqual([1, 1]);
    expect(first.response?.members).toHaveLength(2);
    expect(second.response).toMatchObject({ leader: one, members: [] });
  });

  test('that never comes with its promised id is given up after its session timeout', async () => {
    groups.join();
    const waiting = groups.joinWithNewId();
    groups.clock.advance(SESSION_MS - 1);
    await answered();
    expect(waiting.isParked).toBe(true);
    groups.clock.advance(1);
    await answered();
    expect(waiting.response).toMatchObject({ errorCode: 0, generationId: 1 });
  });

  test.each([
    ['an empty group id', { group: '' }, ErrorCode.INVALID_GROUP_ID],
    ['a session timeout below the limit', { sessionTimeoutMs: 5999 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    ['a session timeout above the limit', { sessionTimeoutMs: 1_800_001 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    ['no protocol', { protocols: {} }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    ['no protocol type', { protocolType: '' }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    ['an id that no one gave it', { memberId: 'made-up' }, ErrorCode.UNKNOWN_MEMBER_ID],
  ])('with %s is refused', (_, options, errorCode) => {
    expect(groups.join(options).response).toMatchObject({ errorCode });
  });

  test('with another type or no common protocol is refused by a group that has members', async () => {
    await groups.stable(1, { protocols: { range: '', sticky: '' } });
    expect(groups.join({ protocols: { cooperative: '' } }).response?.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(groups.join({ protocolType: 'connect' }).response?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    expect(groups.join({ protocols: { sticky: '' } }).response?.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  });

  test('is refused when the group is full, members to be counted', () => {
    groups = new GroupHarness(directories.make(), { maxGroupSize: 2 });
    groups.joinWithNewId();
    groups.join();
    expect(groups.join().response?.errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
  });

  test('of one group too many is refused', () => {
    groups = new GroupHarness(directories.make(), { maxGroups: 1 });
    groups.join({ group: 'one' });
    expect(groups.join({ group: 'two' }).response?.errorCode).toBe(ErrorCode.POLICY_VIOLATION);
  });
});

describe('joining again', () => {
  test('with nothing new gives a follower the present generation, without a rebalance', async () => {
    const [leader, follower] = await groups.stable(2);
    const again = groups.join({ memberId: follower?.id ?? '' });
    expect(again.response).toMatchObject({ errorCode: 0, generationId: 2, leader: leader?.id, members: [] });
    expect(groups.state()).toBe('Stable');
  });

  test('with changed metadata rebalances', async () => {
    const [, follower] = await groups.stable(2);
    const again = groups.join({ memberId: follower?.id ?? '', protocols: { range: 'other topics' } });
    await answered();
    expect([again.isParked, groups.state()]).toEqual([true, 'PreparingRebalance']);
  });

  test('as the leader rebalances even with nothing new', async () => {
    const [leader] = await groups.stable(2);
    const again = groups.join({ memberId: leader?.id ?? '' });
    await answered();
    expect([again.isParked, groups.state()]).toEqual([true, 'PreparingRebalance']);
  });

  test('after a lost answer gives the same generation while it waits for the leader', () => {
    const { response, memberId } = groups.joinWithNewId();
    const again = groups.join({ memberId });
    expect(again.response).toEqual(response);
    expect(groups.state()).toBe('CompletingRebalance');
  });

  test('while a join is parked takes its place, and the first one’s connection is freed', async () => {
    const [leader, follower] = await groups.stable(2);
    const first = groups.join({ memberId: leader?.id ?? '' });
    const second = groups.join({ memberId: leader?.id ?? '' });
    await answered();
    expect(first.response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(second.isParked).toBe(true);
    groups.join({ memberId: follower?.id ?? '' });
    await answered();
    expect(second.response).toMatchObject({ errorCode: 0, generationId: 3 });
  });
});

describe('a static member', () => {
  /** A stable group of two static members, `pod-1` the leader. */
  async function twoPods(): Promise<{ readonly leader: string; readonly follower: string }> {
    const leader = groups.join({ instanceId: 'pod-1' }).response?.memberId ?? '';
    const joining = groups.join({ instanceId: 'pod-2' });
    groups.join({ instanceId: 'pod-1', memberId: leader });
    await answered();
    const follower = joining.response?.memberId ?? '';
    groups.sync({ id: leader, generationId: 2 }, { [leader]: 'first', [follower]: 'second' });
    groups.sync({ id: follower, generationId: 2 });
    expect(groups.state()).toBe('Stable');
    return { leader, follower };
  }

  test('that restarts keeps generation and assignment, and disturbs no one', async () => {
    const { leader, follower } = await twoPods();
    const restarted = groups.join({ instanceId: 'pod-2', protocols: { range: 'other metadata' } }).response;
    expect(restarted).toMatchObject({ errorCode: 0, generationId: 2, leader, members: [] });
    expect(restarted?.memberId).not.toBe(follower);
    expect(groups.heartbeat({ id: leader, generationId: 2 }, 'pod-1')).toBe(0);
    const synced = groups.sync({ id: restarted?.memberId ?? '', generationId: 2 }, {}, 'pod-2');
    expect(synced.response?.assignment.toString()).toBe('second');
  });

  test('that restarts as the leader is told another leader’s id, so that it makes no new assignment', async () => {
    const { leader } = await twoPods();
    const restarted = groups.join({ instanceId: 'pod-1' }).response;
    expect(restarted).toMatchObject({ errorCode: 0, generationId: 2, leader, members: [] });
    expect(restarted?.memberId).not.toBe(leader);
    const synced = groups.sync({ id: restarted?.memberId ?? '', generationId: 2 }, {}, 'pod-1');
    expect(synced.response?.assignment.toString()).toBe('first');
    // It is the leader all the same: that it joins again begins a rebalance.
    const again = groups.join({ instanceId: 'pod-1', memberId: restarted?.memberId ?? '' });
    await answered();
    expect([again.isParked, groups.state()]).toEqual([true, 'PreparingRebalance']);
  });

  test('is fenced once another process has its instance id', async () => {
    const { follower } = await twoPods();
    groups.join({ instanceId: 'pod-2' });
    const old = { id: follower, generationId: 2 };
    expect(groups.heartbeat(old, 'pod-2')).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(groups.sync(old, {}, 'pod-2').response?.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(groups.commitCheck(old, 'pod-2')).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(groups.leave(follower, 'pod-2')).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(groups.join({ memberId: follower, instanceId: 'pod-2' }).response?.errorCode).toBe(
      ErrorCode.FENCED_INSTANCE_ID,
    );
  });

  test('whose join is parked is fenced there, and the new process waits in its place', async () => {
    const { leader } = await twoPods();
    const old = groups.join({ instanceId: 'pod-1', memberId: leader });
    const replacing = groups.join({ instanceId: 'pod-1' });
    await answered();
    expect(old.response?.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(replacing.isParked).toBe(true);
  });

  test('that restarts with an assignor that changes the group’s choice rebalances', async () => {
    const options = { protocols: { range: '', sticky: '' } };
    const id = groups.join({ instanceId: 'pod-1', ...options }).response?.memberId ?? '';
    groups.sync({ id, generationId: 1 });
    const restarted = groups.join({ instanceId: 'pod-1', protocols: { sticky: '' } });
    expect(restarted.response).toMatchObject({ generationId: 2, protocolName: 'sticky' });
  });

  test('that is away when a rebalance ends stays a member until its session is over', async () => {
    const { leader, follower } = await twoPods();
    const options = { instanceId: 'pod-1', memberId: leader, rebalanceTimeoutMs: 4000 };
    groups.join({ ...options, instanceId: 'pod-2', memberId: follower, protocols: { range: 'new' } });
    await answered();
    groups.join({ ...options, protocols: { range: 'new' } });
    await answered();
    // Both have joined with a short rebalance timeout; now only the leader joins again.
    groups.sync({ id: leader, generationId: 3 });
    groups.sync({ id: follower, generationId: 3 });
    const again = groups.join(options);
    groups.clock.advance(4000);
    await answered();
    expect(again.response?.members).toHaveLength(2);
    groups.sync({ id: leader, generationId: 4 });
    groups.clock.advance(SESSION_MS - 4000);
    expect(groups.coordinator.group('g')?.memberOfInstance('pod-2')).toBeUndefined();
    expect(groups.state()).toBe('PreparingRebalance');
  });
});

test('a static member that missed its sync and then a whole rebalance, but is alive, is still a member after the next', async () => {
  const options = { rebalanceTimeoutMs: 4000, protocols: { range: 'a' } };
  const leader = groups.join({ instanceId: 'pod-1', ...options }).response?.memberId ?? '';
  const joining = groups.join({ instanceId: 'pod-2', ...options });
  groups.join({ instanceId: 'pod-1', memberId: leader, ...options });
  await answered();
  const missing = joining.response?.memberId ?? '';
  groups.join({ instanceId: 'pod-1', memberId: leader, ...options, protocols: { range: 'b' } });
  groups.clock.advance(4000);
  expect(groups.sync({ id: leader, generationId: 3 }).response?.errorCode).toBe(0);
  expect(groups.heartbeat({ id: missing, generationId: 3 }, 'pod-2')).toBe(0);
  groups.clock.advance(4000);
  expect([groups.state(), groups.coordinator.group('g')?.size]).toEqual(['Stable', 2]);
});

describe('a parked join whose connection ends', () => {
  test('leaves the member its session timeout to come back', async () => {
    const [leader] = await groups.stable(2);
    const parked = groups.join({ memberId: leader?.id ?? '' });
    await parked.disconnect();
    groups.clock.advance(SESSION_MS - 1);
    expect(groups.coordinator.group('g')?.member(leader?.id ?? '')).toBeDefined();
    groups.clock.advance(1);
    expect(groups.coordinator.group('g')?.member(leader?.id ?? '')).toBeUndefined();
  });

  test('does not count as joined any more', async () => {
    const [leader, follower] = await groups.stable(2);
    const parked = groups.join({ memberId: leader?.id ?? '' });
    await parked.disconnect();
    const other = groups.join({ memberId: follower?.id ?? '' });
    await answered();
    expect(other.isParked).toBe(true);
    const back = groups.join({ memberId: leader?.id ?? '' });
    await answered();
    expect([back.response?.generationId, other.response?.generationId]).toEqual([3, 3]);
  });

  test('takes a member with it that was never told its id', async () => {
    await groups.stable(1);
    const parked = groups.join({ apiVersion: 3 });
    expect(groups.coordinator.group('g')?.size).toBe(2);
    await parked.disconnect();
    expect(groups.coordinator.group('g')?.size).toBe(1);
  });

  test('and is sent again before that is noticed does no harm to the second', async () => {
    const [leader, follower] = await groups.stable(2);
    const first = groups.join({ memberId: leader?.id ?? '' });
    const second = groups.join({ memberId: leader?.id ?? '' });
    await first.disconnect();
    groups.clock.advance(SESSION_MS - 1);
    groups.join({ memberId: follower?.id ?? '' });
    await answered();
    expect(second.response).toMatchObject({ errorCode: 0, generationId: 3 });
  });
});

test('the rebalance timeout is the session’s for a client that has none (version 0)', async () => {
  const first = groups.join({ apiVersion: 0, rebalanceTimeoutMs: -1, sessionTimeoutMs: SESSION_MS });
  expect(first.response?.errorCode).toBe(0);
  const member = groups.coordinator.group('g')?.members()[0];
  expect(member?.profile.rebalanceTimeoutMs).toBe(SESSION_MS);
  expect(REBALANCE_MS).not.toBe(SESSION_MS);
});

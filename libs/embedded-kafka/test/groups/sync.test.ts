import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { answered, GroupHarness, SESSION_MS, type TestMember } from './group-harness.ts';

const directories = new TemporaryDirectories();
let groups: GroupHarness;

beforeEach(() => {
  groups = new GroupHarness(directories.make());
});
afterAll(() => directories.removeAll());

/** A group of two in which nobody has synced. */
async function joined(): Promise<[leader: TestMember, follower: TestMember]> {
  const leader = groups.joinWithNewId().memberId;
  const follower = groups.joinWithNewId().memberId;
  groups.join({ memberId: leader });
  await answered();
  expect(groups.state()).toBe('CompletingRebalance');
  return [
    { id: leader, generationId: 2 },
    { id: follower, generationId: 2 },
  ];
}

test('the leader’s sync ends the wait of the others, and each gets its own assignment', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower);
  await answered();
  expect(waiting.isParked).toBe(true);
  const leading = groups.sync(leader, { [leader.id]: 'one', [follower.id]: 'two' });
  await answered();
  expect(leading.response?.assignment.toString()).toBe('one');
  expect(waiting.response?.assignment.toString()).toBe('two');
  expect(groups.state()).toBe('Stable');
});

test('who comes after the leader, or is not in its assignments, is answered at once', async () => {
  const [leader, follower] = await joined();
  groups.sync(leader, { [leader.id]: 'one', stranger: 'ignored' });
  const late = groups.sync(follower).response;
  expect([late?.errorCode, late?.assignment.length]).toEqual([0, 0]);
});

test('a follower’s assignments count for nothing', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower, { [follower.id]: 'everything' });
  groups.sync(leader, {});
  await answered();
  expect(waiting.response?.assignment.length).toBe(0);
});

test('a second sync of the same member takes the parked one’s place', async () => {
  const [leader, follower] = await joined();
  const first = groups.sync(follower);
  const second = groups.sync(follower);
  await answered();
  expect(first.response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  groups.sync(leader, { [follower.id]: 'two' });
  await answered();
  expect(second.response?.assignment.toString()).toBe('two');
});

test('is refused for a stale generation, a stranger, a rebalance that is under way, and an unknown or empty group', async () => {
  const [leader, follower] = await groups.stable(2);
  if (leader === undefined || follower === undefined) throw new Error('no members');
  expect(groups.sync({ ...follower, generationId: 1 }).response?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(groups.sync({ ...follower, id: 'stranger' }).response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  groups.join({ memberId: leader.id });
  expect(groups.sync(follower).response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  expect(groups.leave(leader.id)).toBe(0);
  expect(groups.leave(follower.id)).toBe(0);
  expect(groups.sync(follower).response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  const other = new GroupHarness(directories.make());
  expect(other.sync(follower).response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('a parked sync whose connection ends leaves the member its session to come back', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower);
  groups.clock.advance(SESSION_MS - 1);
  expect(groups.heartbeat(leader)).toBe(0);
  await waiting.disconnect();
  groups.clock.advance(SESSION_MS - 1);
  expect(groups.heartbeat(leader)).toBe(0);
  groups.sync(leader, { [follower.id]: 'two' });
  expect(groups.sync(follower).response?.assignment.toString()).toBe('two');
});

test('a member whose parked sync lost its connection is out when it does not come back', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower);
  await waiting.disconnect();
  groups.clock.advance(SESSION_MS - 1);
  expect(groups.heartbeat(leader)).toBe(0);
  groups.clock.advance(1);
  expect(
    groups.coordinator
      .group('g')
      ?.members()
      .map(({ id }) => id),
  ).toEqual([leader.id]);
});

test('a parked sync does not let the member’s session run out', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower);
  groups.clock.advance(SESSION_MS - 1);
  expect(groups.heartbeat(leader)).toBe(0);
  groups.clock.advance(SESSION_MS - 1);
  await answered();
  expect([waiting.isParked, groups.coordinator.group('g')?.size]).toEqual([true, 2]);
});

test('a parked sync that a rebalance ends lets the session run again', async () => {
  const [leader, follower] = await joined();
  const waiting = groups.sync(follower);
  groups.join({ memberId: leader.id, protocols: { range: 'new' } });
  await answered();
  expect(waiting.response?.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  groups.clock.advance(SESSION_MS);
  expect(
    groups.coordinator
      .group('g')
      ?.members()
      .map(({ id }) => id),
  ).toEqual([leader.id]);
});

test('nobody keeps the assignment of the generation before', async () => {
  const [leader, follower] = await groups.stable(2);
  groups.join({ memberId: leader?.id ?? '' });
  groups.join({ memberId: follower?.id ?? '' });
  groups.sync({ id: leader?.id ?? '', generationId: 3 }, { [leader?.id ?? '']: 'everything' });
  const synced = groups.sync({ id: follower?.id ?? '', generationId: 3 });
  expect([synced.response?.errorCode, synced.response?.assignment.length]).toEqual([0, 0]);
});

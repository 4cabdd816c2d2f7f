import { afterAll, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { GroupHarness, SESSION_MS } from './group-harness.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const DAY_MS = 86_400_000;
const offset = (topic: string, value: number) => ({ topic, partition: 0, offset: value, leaderEpoch: 3, metadata: '' });

describe('a restart', () => {
  test('keeps offsets and the group’s generation, and its members have to join again', async () => {
    const dataDir = directories.make();
    const before = new GroupHarness(dataDir);
    const [member] = await before.stable(1);
    expect(before.coordinator.commit('g', [offset('beats', 5)])).toBe(0);
    before.coordinator.close();

    const after = new GroupHarness(dataDir, {}, before.clock);
    expect(after.coordinator.offsets.offset('g', 'beats', 0)).toMatchObject({ offset: 5, leaderEpoch: 3 });
    expect([after.state(), after.coordinator.group('g')?.protocolType]).toEqual(['Empty', 'consumer']);
    expect(after.heartbeat(member ?? { id: '', generationId: 0 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(after.joinWithNewId().response?.generationId).toBe(2);
  });

  test('leaves no timer of the old coordinator behind', async () => {
    const groups = new GroupHarness(directories.make());
    await groups.stable(2);
    groups.join();
    groups.coordinator.close();
    expect(groups.clock.pending).toBe(0);
  });
});

describe('expiry', () => {
  test('takes the offsets of a group seven days after it became empty, and then the group', async () => {
    const groups = new GroupHarness(directories.make());
    const [member] = await groups.stable(1);
    groups.coordinator.commit('g', [offset('beats', 5)]);
    groups.clock.advance(SESSION_MS - 1);
    groups.leave(member?.id ?? '');
    groups.clock.advance(7 * DAY_MS - 1);
    groups.coordinator.sweep();
    expect(groups.coordinator.offsets.hasOffsets('g')).toBe(true);
    groups.clock.advance(1);
    groups.coordinator.sweep();
    expect(groups.coordinator.offsets.hasOffsets('g')).toBe(false);
    expect(groups.state()).toBe('none');
  });

  test('leaves a group alone that has members, however old its offsets are', async () => {
    const groups = new GroupHarness(directories.make(), { offsetsRetentionMs: 1 });
    const [member] = await groups.stable(1);
    groups.coordinator.commit('g', [offset('beats', 5)]);
    groups.clock.advance(SESSION_MS - 1);
    groups.heartbeat(member ?? { id: '', generationId: 0 });
    groups.coordinator.sweep();
    expect(groups.coordinator.offsets.offset('g', 'beats', 0)?.offset).toBe(5);
  });

  test('counts for what an outsider committed from its commit', () => {
    const groups = new GroupHarness(directories.make(), { offsetsRetentionMs: DAY_MS });
    groups.coordinator.commit('g', [offset('beats', 5)]);
    groups.clock.advance(DAY_MS - 1);
    groups.coordinator.commit('g', [offset('plays', 6)]);
    groups.clock.advance(1);
    groups.coordinator.sweep();
    expect(groups.coordinator.offsets.offsets('g').map(({ topic }) => topic)).toEqual(['plays']);
  });

  test('counts for a group that had members when the broker died from the restart', async () => {
    const dataDir = directories.make();
    const before = new GroupHarness(dataDir, { offsetsRetentionMs: DAY_MS });
    const [leader, leaving] = await before.stable(2);
    before.leave(leaving?.id ?? '');
    before.join({ memberId: leader?.id ?? '' });
    before.coordinator.commit('g', [offset('beats', 5)]);
    before.coordinator.close();
    before.clock.advance(10 * DAY_MS);
    const after = new GroupHarness(dataDir, { offsetsRetentionMs: DAY_MS }, before.clock);
    after.coordinator.sweep();
    expect(after.coordinator.offsets.hasOffsets('g')).toBe(true);
    after.clock.advance(DAY_MS);
    after.coordinator.sweep();
    expect(after.coordinator.offsets.hasOffsets('g')).toBe(false);
  });

  test('runs by itself', () => {
    const groups = new GroupHarness(directories.make(), { offsetsRetentionMs: 1000, retentionCheckIntervalMs: 600 });
    groups.coordinator.commit('g', [offset('beats', 5)]);
    groups.clock.advance(1200);
    expect(groups.coordinator.offsets.hasOffsets('g')).toBe(false);
  });
});

describe('deletion', () => {
  test('of a topic takes its offsets in all groups', () => {
    const groups = new GroupHarness(directories.make());
    groups.coordinator.commit('g', [offset('beats', 5), offset('plays', 6)]);
    groups.deleteTopic('beats');
    expect(groups.coordinator.offsets.offsets('g').map(({ topic }) => topic)).toEqual(['plays']);
  });

  test('of a group is refused while it has members, not while an id waits to join, and takes the offsets with it', async () => {
    const groups = new GroupHarness(directories.make());
    expect(groups.coordinator.delete('g')).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    const forgotten = groups.join().response?.memberId ?? '';
    expect(groups.coordinator.delete('g')).toBe(0);
    expect(groups.join({ memberId: forgotten }).response?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const promised = groups.joinWithNewId().memberId;
    groups.coordinator.commit('g', [offset('beats', 5)]);
    expect(groups.coordinator.delete('g')).toBe(ErrorCode.NON_EMPTY_GROUP);
    groups.leave(promised);
    expect(groups.coordinator.delete('g')).toBe(0);
    expect([groups.state(), groups.coordinator.offsets.hasOffsets('g')]).toEqual(['none', false]);
  });
});

test('a commit that the disk refuses is answered so that the client tries again', () => {
  const groups = new GroupHarness(directories.make());
  groups.coordinator.commit('g', [offset('beats', 5)]);
  groups.coordinator.offsets.close();
  expect(groups.coordinator.commit('g', [offset('beats', 6)])).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(groups.coordinator.offsets.offset('g', 'beats', 0)?.offset).toBe(5);
});

test('a disk that refuses to forget ends neither the broker nor a request', () => {
  const groups = new GroupHarness(directories.make(), { offsetsRetentionMs: 1000, retentionCheckIntervalMs: 600 });
  groups.coordinator.commit('g', [offset('beats', 5)]);
  groups.coordinator.offsets.close();
  expect(() => groups.clock.advance(1200)).not.toThrow();
  expect(groups.coordinator.delete('g')).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(() => groups.deleteTopic('beats')).not.toThrow();
  expect(groups.state()).toBe('Empty');
});

test('a commit for one group too many is refused', () => {
  const groups = new GroupHarness(directories.make(), { maxGroups: 1 });
  expect(groups.coordinator.commit('one', [offset('beats', 5)])).toBe(0);
  expect(groups.coordinator.commit('two', [offset('beats', 5)])).toBe(ErrorCode.POLICY_VIOLATION);
});

import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeOffsetEntry, encodeOffsetEntry, type PartitionOffset } from '../../src/groups/offset-entry.ts';
import { OffsetStore } from '../../src/groups/offset-store.ts';
import { silentLogger } from '../../src/logger.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const open = (directory: string, compactAboveBytes = 1_000_000): OffsetStore =>
  new OffsetStore(directory, { compactAboveBytes, sync: false, logger: silentLogger });
const file = (directory: string): string => join(directory, 'offsets.log');
const at = (topic: string, partition: number, offset: number): PartitionOffset => ({
  topic,
  partition,
  offset,
  leaderEpoch: 4,
  metadata: 'žluť',
  committedAtMs: 1_700_000_000_000,
});

/** Closes the store and reads it again, as a restart does. */
function reopened(store: OffsetStore, directory: string): OffsetStore {
  store.close();
  return open(directory);
}

test('everything is there again after a restart: offset, leader epoch, metadata, and what is known of the group', () => {
  const directory = directories.make();
  const store = open(directory);
  store.commit('g', [at('beats', 0, 2 ** 40), at('beats', 1, 0), at('plays', 0, 7)]);
  store.commit('g', [at('beats', 0, 2 ** 40 + 1)]);
  store.saveGroup('g', { protocolType: 'consumer', generationId: 12, emptySinceMs: -1 });
  store.commit('other', [at('beats', 0, 1)]);
  store.forget('g', [{ topic: 'plays', partition: 0 }]);
  const again = reopened(store, directory);
  expect(again.offset('g', 'beats', 0)).toEqual({
    offset: 2 ** 40 + 1,
    leaderEpoch: 4,
    metadata: 'žluť',
    committedAtMs: 1_700_000_000_000,
  });
  expect(again.offsets('g').map(({ topic, partition }) => `${topic}-${partition}`)).toEqual(['beats-0', 'beats-1']);
  expect(again.stored('g')).toEqual({ protocolType: 'consumer', generationId: 12, emptySinceMs: -1 });
  expect(again.groupIds()).toEqual(['g', 'other']);
  again.close();
});

test('a deleted group and the offsets of a deleted topic do not come back', () => {
  const directory = directories.make();
  const store = open(directory);
  for (const group of ['a', 'b']) store.commit(group, [at('beats', 0, 1), at('plays', 0, 1)]);
  store.deleteGroup('a');
  store.forgetTopic('plays');
  const again = reopened(store, directory);
  expect(again.groupIds()).toEqual(['b']);
  expect(again.offsets('b').map(({ topic }) => topic)).toEqual(['beats']);
  again.close();
});

describe('a file whose end is torn', () => {
  test('loses the torn entry and nothing else, wherever it is torn, and takes new ones', () => {
    const directory = directories.make();
    const store = open(directory);
    store.commit('g', [at('beats', 0, 1)]);
    const whole = statSync(file(directory)).size;
    store.commit('g', [at('beats', 0, 2)]);
    store.close();
    const bytes = readFileSync(file(directory));
    for (let length = whole; length < bytes.length; length++) {
      writeFileSync(file(directory), bytes.subarray(0, length));
      const torn = open(directory);
      expect(torn.offset('g', 'beats', 0)?.offset).toBe(1);
      torn.commit('g', [at('beats', 0, 3)]);
      const again = reopened(torn, directory);
      expect(again.offset('g', 'beats', 0)?.offset).toBe(3);
      again.close();
    }
  });

  test.each([
    ['zeros, as after a power failure', Buffer.alloc(64)],
    ['a huge length', Buffer.from('7fffffff00000000', 'hex')],
    ['a negative length', Buffer.from('ffffffff0000000001', 'hex')],
    ['an entry with a wrong checksum', Buffer.from('000000020000000104', 'hex')],
  ])('by %s is cut off', (_, garbage) => {
    const directory = directories.make();
    const store = open(directory);
    store.commit('g', [at('beats', 0, 1)]);
    store.close();
    const size = statSync(file(directory)).size;
    appendFileSync(file(directory), garbage);
    const again = open(directory);
    expect(again.offset('g', 'beats', 0)?.offset).toBe(1);
    expect(statSync(file(directory)).size).toBe(size);
    again.close();
  });
});

test('the file is rewritten when it has grown, stays small however much is committed, and says the same', () => {
  const directory = directories.make();
  const store = open(directory, 4000);
  store.saveGroup('g', { protocolType: 'consumer', generationId: 3, emptySinceMs: 5 });
  store.commit('gone', [at('beats', 0, 1)]);
  store.deleteGroup('gone');
  let largest = 0;
  for (let i = 0; i < 2000; i++) {
    store.commit('g', [at('beats', i % 4, i)]);
    largest = Math.max(largest, statSync(file(directory)).size);
  }
  expect(largest).toBeLessThan(5000);
  const again = reopened(store, directory);
  expect(again.offsets('g').map(({ offset }) => offset)).toEqual([1996, 1997, 1998, 1999]);
  expect(again.stored('g')).toEqual({ protocolType: 'consumer', generationId: 3, emptySinceMs: 5 });
  expect(again.groupIds()).toEqual(['g']);
  again.close();
});

test('a commit that the disk refuses is thrown and not made', () => {
  const directory = directories.make();
  const store = open(directory);
  store.commit('g', [at('beats', 0, 1)]);
  store.close(); // Stands for a disk that refuses.
  expect(() => store.commit('g', [at('beats', 0, 2)])).toThrow();
  expect(store.offset('g', 'beats', 0)?.offset).toBe(1);
});

test('any entry is read as it was written', () => {
  const text = fc.string({ unit: 'binary', maxLength: 50 });
  const partition = { topic: text, partition: fc.nat() };
  const offset = fc.record(
    {
      ...partition,
      offset: fc.maxSafeNat(),
      leaderEpoch: fc.integer({ min: -1, max: 1000 }),
      metadata: text,
      committedAtMs: fc.maxSafeNat(),
    },
    { noNullPrototype: true },
  );
  const entry = fc.oneof(
    fc.record({ kind: fc.constant('committed' as const), group: text, offsets: fc.array(offset) }),
    fc.record({ kind: fc.constant('forgotten' as const), group: text, partitions: fc.array(fc.record(partition)) }),
    fc.record({
      kind: fc.constant('group' as const),
      group: text,
      protocolType: text,
      generationId: fc.nat(),
      emptySinceMs: fc.integer({ min: -1 }),
    }),
    fc.record({ kind: fc.constant('deleted' as const), group: text }),
  );
  fc.assert(fc.property(entry, (entry) => expect(decodeOffsetEntry(encodeOffsetEntry(entry))).toEqual(entry)));
});

describe('offsets of a transaction', () => {
  const PRODUCER = 7;

  test.each([
    ['commits', true, { committed: 5, plain: 9, other: 6 }],
    ['aborts', false, { committed: 1, plain: 9, other: -1 }],
  ])('are pending until it %s, over restarts and rewrites of the file', (_, committed, expected) => {
    const directory = directories.make();
    let store = open(directory);
    store.commit('g', [at('beats', 0, 1), at('beats', 1, 1)]);
    store.commitPending('g', PRODUCER, [at('beats', 0, 4), at('beats', 1, 4), at('plays', 0, 6)]);
    store.commitPending('g', PRODUCER, [at('beats', 0, 5)]);
    // Outside of the transaction and later: it stays.
    store.commit('g', [at('beats', 1, 9)]);
    for (const compactAboveBytes of [1_000_000, 1]) {
      store.close();
      store = open(directory, compactAboveBytes);
      expect([store.hasPending('g'), store.hasPending('g', PRODUCER), store.hasPending('g', 8)]).toEqual([
        true,
        true,
        false,
      ]);
      expect([0, 1].map((partition) => store.isUnstable('g', 'beats', partition))).toEqual([true, true]);
      expect([0, 1].map((partition) => store.offset('g', 'beats', partition)?.offset)).toEqual([1, 9]);
      expect(store.offset('g', 'plays', 0)).toBeUndefined();
    }
    store.endPending('g', PRODUCER, committed);
    store.endPending('g', PRODUCER, !committed);
    for (const now of [store, reopened(store, directory)]) {
      const found = {
        committed: now.offset('g', 'beats', 0)?.offset,
        plain: now.offset('g', 'beats', 1)?.offset,
        other: now.offset('g', 'plays', 0)?.offset ?? -1,
      };
      expect([found, now.hasPending('g')]).toEqual([expected, false]);
    }
  });

  test('go with their topic, and with their group', () => {
    const store = open(directories.make());
    store.commitPending('g', PRODUCER, [at('beats', 0, 4), at('plays', 0, 6)]);
    store.forgetTopic('beats');
    expect([store.isUnstable('g', 'beats', 0), store.isUnstable('g', 'plays', 0)]).toEqual([false, true]);
    store.deleteGroup('g');
    store.endPending('g', PRODUCER, true);
    expect([store.hasPending('g'), store.offset('g', 'plays', 0)]).toEqual([false, undefined]);
    store.close();
  });
});

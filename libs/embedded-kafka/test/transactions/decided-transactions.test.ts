import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { cpSync } from 'node:fs';
import { DEFAULT_TRANSACTION_SETTINGS } from '../../src/transactions/transaction-settings.ts';
import { TransactionStore } from '../../src/transactions/transaction-store.ts';
import { makeBatch } from '../support/batches.ts';
import { readCommitted } from '../support/committed.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { PARTITION, TOPIC, World } from './transaction-world.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const { NONE, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE } = ErrorCode;

let world: World;

beforeEach(async () => {
  world = new World(directories.make());
  await world.open();
});

afterEach(() => world.close());

describe('a decided transaction', () => {
  test('whose marker the disk refuses is answered, keeps others waiting, and is carried out later', () => {
    const producer = world.begin('a');
    const repair = world.failMarkers();
    expect(world.coordinator.end(producer, true)).toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(CONCURRENT_TRANSACTIONS);
    expect(world.coordinator.end(producer, false)).toBe(INVALID_TXN_STATE);
    expect(world.coordinator.addPartitions(producer, [PARTITION])).toBe(CONCURRENT_TRANSACTIONS);
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(CONCURRENT_TRANSACTIONS);
    expect(world.init('a').errorCode).toBe(CONCURRENT_TRANSACTIONS);
    expect(world.coordinator.checkOffsets(producer, 'g')).toBe(ErrorCode.NOT_ENOUGH_REPLICAS);
    world.clock.advance(DEFAULT_TRANSACTION_SETTINGS.retryMs);
    expect(world.log().lastStableOffset).toBe(0);
    repair();
    world.clock.advance(DEFAULT_TRANSACTION_SETTINGS.retryMs);
    expect(readCommitted(world.log())).toEqual(['0:v']);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });

  test.each([
    [true, ['0:v'], 7],
    [false, [], -1],
  ])('is carried out by the next start (commit %s)', async (committed, readable, offset) => {
    const producer = world.begin('a');
    world.coordinator.addOffsets(producer, 'g');
    world.offsets.commitPending('g', producer.producerId, [
      { ...PARTITION, offset: 7, leaderEpoch: 0, metadata: '', committedAtMs: 0 },
    ]);
    world.failMarkers();
    expect(world.coordinator.end(producer, committed)).toBe(NONE);
    await world.restart();
    expect(world.log().lastStableOffset).toBe(2);
    expect(readCommitted(world.log())).toEqual(readable);
    expect(world.offsets.isUnstable('g', TOPIC, 0)).toBe(false);
    expect(world.offsets.offset('g', TOPIC, 0)?.offset ?? -1).toBe(offset);
    expect(world.coordinator.end(producer, committed)).toBe(NONE);
  });

  test('gets no second marker where it has one already', async () => {
    const { coordinator } = world;
    const producer = world.begin('a');
    coordinator.addPartitions(producer, [{ topic: TOPIC, partition: 1 }]);
    world.failMarkers(1);
    expect(coordinator.end(producer, true)).toBe(NONE);
    const ends = [world.log(0).nextOffset, world.log(1).nextOffset];
    expect(ends).toEqual([2, 0]);
    await world.restart();
    expect([world.log(0).nextOffset, world.log(1).nextOffset]).toEqual(ends);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });

  test('with sync is complete when its markers are on the disk, and not before', async () => {
    await world.close();
    world = new World(directories.make(), { sync: true });
    await world.open();
    const producer = world.begin('a');
    const ended = world.coordinator.end(producer, true);
    expect(world.coordinator.end(producer, true)).toBe(CONCURRENT_TRANSACTIONS);
    await expect(ended).resolves.toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });
});

describe('a kill between any two writes of a transaction', () => {
  test.each([true, false])(
    'leaves it whole or not at all, and can be ended after the start (commit %s)',
    async (committed) => {
      const moments: string[] = [];
      const after = <A extends unknown[]>(target: Record<string, unknown>, name: string): void => {
        const original = target[name] as (...args: A) => void;
        target[name] = function (this: unknown, ...args: A): void {
          original.apply(this, args);
          const moment = directories.make();
          cpSync(world.dataDir, moment, { recursive: true });
          moments.push(moment);
        };
      };
      const producer = world.begin('a', ['a']);
      const other = { topic: TOPIC, partition: 1 };
      world.coordinator.addPartitions(producer, [other]);
      const batch = makeBatch(['b'], { ...producer, baseSequence: 0, isTransactional: true });
      world.log(1).append(batch, 8, 0, world.coordinator.checkOfPartition('a', other));
      world.coordinator.addOffsets(producer, 'g');
      world.offsets.commitPending('g', producer.producerId, [
        { ...PARTITION, offset: 7, leaderEpoch: 0, metadata: '', committedAtMs: 0 },
      ]);
      for (const log of [world.log(0), world.log(1)])
        after(log as unknown as Record<string, unknown>, 'endTransaction');
      after(world.offsets as unknown as Record<string, unknown>, 'endPending');
      const { save } = TransactionStore.prototype;
      after(TransactionStore.prototype as unknown as Record<string, unknown>, 'save');
      const before = directories.make();
      cpSync(world.dataDir, before, { recursive: true });
      try {
        expect(world.coordinator.end(producer, committed)).toBe(NONE);
      } finally {
        TransactionStore.prototype.save = save;
      }
      // The decision, two markers, the offsets, the entry that says so.
      expect(moments.length).toBe(5);
      moments.unshift(before);
      const outcomes = new Set<string>();
      for (const dataDir of moments) {
        const again = new World(dataDir);
        await again.open();
        const isOpen = again.log(0).lastStableOffset === 0 && again.offsets.isUnstable('g', TOPIC, 0);
        outcomes.add(isOpen ? 'open' : 'ended');
        if (isOpen) expect(again.coordinator.end(producer, committed)).toBe(NONE);
        const readable = [0, 1].map((partition) => readCommitted(again.log(partition)));
        expect(readable).toEqual(committed ? [['0:a'], ['0:b']] : [[], []]);
        expect([0, 1].map((partition) => again.log(partition).lastStableOffset)).toEqual([2, 2]);
        expect(again.offsets.offset('g', TOPIC, 0)?.offset ?? -1).toBe(committed ? 7 : -1);
        expect(again.offsets.isUnstable('g', TOPIC, 0)).toBe(false);
        await again.close();
      }
      expect(outcomes).toEqual(new Set(['open', 'ended']));
    },
  );
});

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_TRANSACTION_SETTINGS } from '../../src/transactions/transaction-settings.ts';
import { TransactionStore } from '../../src/transactions/transaction-store.ts';
import { makeBatch } from '../support/batches.ts';
import { readCommitted } from '../support/committed.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { PARTITION, TOPIC, World } from './transaction-world.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const { NONE, PRODUCER_FENCED, INVALID_TXN_STATE } = ErrorCode;

let world: World;

beforeEach(async () => {
  world = new World(directories.make());
  await world.open();
});

afterEach(() => world.close());

test('what the disk refuses to store has not happened, and may be asked for again', () => {
  const producer = world.begin('a');
  const { save } = TransactionStore.prototype;
  TransactionStore.prototype.save = () => {
    throw new Error('no space left on device');
  };
  try {
    const other = { topic: TOPIC, partition: 1 };
    const unavailable = ErrorCode.COORDINATOR_NOT_AVAILABLE;
    expect(world.coordinator.addPartitions(producer, [other])).toBe(unavailable);
    expect(world.coordinator.checkOfPartition('a', other)(producer.producerId, producer.producerEpoch)).toBe(
      INVALID_TXN_STATE,
    );
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(unavailable);
    expect(world.coordinator.end(producer, true)).toBe(unavailable);
    expect([world.init('a').errorCode, world.init('b').errorCode]).toEqual([unavailable, unavailable]);
    world.clock.advance(1000);
    expect(world.log().lastStableOffset).toBe(0);
  } finally {
    TransactionStore.prototype.save = save;
  }
  expect(world.coordinator.addOffsets(producer, 'g')).toBe(NONE);
  // The time was over while the disk was full.
  world.clock.advance(DEFAULT_TRANSACTION_SETTINGS.retryMs);
  expect(world.coordinator.end(producer, true)).toBe(PRODUCER_FENCED);
  expect([world.log().lastStableOffset, readCommitted(world.log())]).toEqual([2, []]);
});

describe('a transaction under way', () => {
  test('is aborted when its time is over, and its producer fenced', () => {
    const producer = world.begin('a');
    world.clock.advance(999);
    expect(world.log().lastStableOffset).toBe(0);
    world.clock.advance(1);
    expect(world.log().lastStableOffset).toBe(2);
    expect(readCommitted(world.log())).toEqual([]);
    expect(world.coordinator.end(producer, true)).toBe(PRODUCER_FENCED);
    expect(world.produce(producer, ['late'], 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    // Its own question is answered, with the epoch that the time-out left it.
    expect(world.init('a', producer)).toMatchObject({ errorCode: NONE, producerEpoch: producer.producerEpoch + 1 });
  });

  test('has its time counted from its first partition, not from the next ones or from a start', async () => {
    const producer = world.begin('a');
    world.clock.advance(600);
    expect(world.coordinator.addPartitions(producer, [{ topic: TOPIC, partition: 1 }])).toBe(NONE);
    await world.restart();
    world.clock.advance(399);
    expect(world.log().lastStableOffset).toBe(0);
    world.clock.advance(1);
    expect(world.log().lastStableOffset).toBe(2);
  });

  test('that ends in time is not aborted later', () => {
    const producer = world.begin('a');
    expect(world.coordinator.end(producer, true)).toBe(NONE);
    world.coordinator.addPartitions(producer, [PARTITION]);
    world.produce(producer, ['w'], 1);
    world.clock.advance(999);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
    world.clock.advance(10_000);
    expect(readCommitted(world.log())).toEqual(['0:v', '2:w']);
  });

  test('goes on after a start, and a retry of its last batch is stored once', async () => {
    const producer = world.begin('a');
    await world.restart();
    expect(world.produce(producer, ['v'], 0)).toBe(NONE);
    expect(world.produce(producer, ['w'], 1)).toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
    expect(readCommitted(world.log())).toEqual(['0:v', '1:w']);
  });

  test('that no transactional id knows of is aborted by the next start', async () => {
    const batch = makeBatch(['orphan'], { producerId: 77, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    world.log().append(batch, 8, 0, () => NONE);
    expect(world.log().lastStableOffset).toBe(0);
    await world.restart();
    expect([world.log().lastStableOffset, readCommitted(world.log())]).toEqual([2, []]);
  });

  test('leaves out a topic that has been deleted', () => {
    const producer = world.begin('a');
    world.topics.delete(TOPIC);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
    world.topics.create(TOPIC, 2, {});
  });
});

describe('epochs', () => {
  test('a new producer takes the next epoch but one from a transaction under way, which is aborted before it is answered', () => {
    const producer = world.begin('a');
    const { producerId, producerEpoch } = producer;
    expect(world.init('a')).toEqual({ errorCode: NONE, producerId, producerEpoch: producerEpoch + 2 });
    expect(world.log().lastStableOffset).toBe(2);
    expect(world.coordinator.end(producer, true)).toBe(PRODUCER_FENCED);
  });

  test('when they run out the id gets another producer id, and a retry of that is answered the same', async () => {
    let { producerId, producerEpoch } = world.init('a');
    while (producerEpoch < 0x7fff - 1) ({ producerId, producerEpoch } = world.init('a', { producerId, producerEpoch }));
    const last = { producerId, producerEpoch };
    const fresh = world.init('a', last);
    expect(fresh).toMatchObject({ errorCode: NONE, producerEpoch: 0 });
    expect(fresh.producerId).not.toBe(last.producerId);
    await world.restart();
    expect(world.init('a', last)).toEqual(fresh);
    expect(world.init('a', { ...last, producerEpoch: 5 }).errorCode).toBe(PRODUCER_FENCED);
  }, 60_000);

  test('the last one can still be fenced by a time-out', () => {
    let { producerId, producerEpoch } = world.init('a');
    while (producerEpoch < 0x7fff - 1) ({ producerId, producerEpoch } = world.init('a', { producerId, producerEpoch }));
    const producer = { transactionalId: 'a', producerId, producerEpoch };
    world.coordinator.addPartitions(producer, [PARTITION]);
    expect(world.produce(producer, ['v'], 0)).toBe(NONE);
    world.clock.advance(1000);
    expect(world.produce(producer, ['late'], 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    const fresh = world.init('a');
    expect([fresh.errorCode, fresh.producerEpoch, fresh.producerId !== producerId]).toEqual([NONE, 0, true]);
  }, 60_000);

  test('survive a start', async () => {
    const before = world.init('a');
    await world.restart();
    const { producerId, producerEpoch } = before;
    expect(world.init('a')).toEqual({ errorCode: NONE, producerId, producerEpoch: producerEpoch + 1 });
  });
});

describe('bounds', () => {
  test('there are no more transactional ids than allowed, and those that were silent for long are forgotten', async () => {
    await world.close();
    world = new World(directories.make(), { settings: { maxTransactionalIds: 2, idExpirationMs: 10_000 } });
    await world.open();
    world.init('a');
    world.init('b');
    expect(world.init('c').errorCode).toBe(ErrorCode.POLICY_VIOLATION);
    expect(world.init('a').errorCode).toBe(NONE);
    world.clock.advance(10_001);
    world.coordinator.sweep();
    expect(world.init('c')).toMatchObject({ errorCode: NONE, producerEpoch: 0 });
    await world.restart();
    expect(world.init('a')).toMatchObject({ errorCode: NONE, producerEpoch: 0 });
  });

  test('a transaction has no more groups than allowed', async () => {
    await world.close();
    world = new World(directories.make(), { settings: { maxGroupsPerTransaction: 1 } });
    await world.open();
    const producer = world.begin('a');
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(NONE);
    expect(world.coordinator.addOffsets(producer, 'h')).toBe(ErrorCode.POLICY_VIOLATION);
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });

  test('the transaction log is rewritten when it has grown, and says the same', async () => {
    await world.close();
    world = new World(directories.make(), { settings: { compactAboveBytes: 2000 } });
    await world.open();
    const producer = world.begin('a');
    for (let i = 0; i < 50; i++) {
      expect(world.coordinator.end(producer, i % 2 === 0)).toBe(NONE);
      expect(world.coordinator.addPartitions(producer, [PARTITION])).toBe(NONE);
    }
    expect(readFileSync(join(world.dataDir, 'transactions', 'transactions.log')).length).toBeLessThan(5000);
    await world.restart();
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });
});

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OffsetStore } from '../../src/groups/offset-store.ts';
import { silentLogger } from '../../src/logger.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { ProducerIds } from '../../src/storage/producer-ids.ts';
import { TopicStore } from '../../src/storage/topic-store.ts';
import { TransactionCoordinator } from '../../src/transactions/transaction-coordinator.ts';
import { TransactionStore } from '../../src/transactions/transaction-store.ts';
import { DEFAULT_TRANSACTION_SETTINGS, type TransactionSettings } from '../../src/transactions/transaction-settings.ts';
import { VirtualClock } from '../groups/virtual-clock.ts';
import { makeBatch } from '../support/batches.ts';
import { readCommitted } from '../support/committed.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const { NONE, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED, INVALID_TXN_STATE } = ErrorCode;
const TOPIC = 'beats';
const NEW = { producerId: -1, producerEpoch: -1 };
const PARTITION = { topic: TOPIC, partition: 0 };

/** A coordinator over real logs and offsets, on a clock that is told when to move. */
class World {
  readonly clock = new VirtualClock();
  readonly dataDir: string;
  readonly sync: boolean;
  readonly settings: Partial<TransactionSettings>;
  topics!: TopicStore;
  offsets!: OffsetStore;
  coordinator!: TransactionCoordinator;

  constructor(
    options: {
      readonly sync?: boolean;
      readonly settings?: Partial<TransactionSettings>;
      readonly dataDir?: string;
    } = {},
  ) {
    this.dataDir = options.dataDir ?? directories.make();
    this.sync = options.sync ?? false;
    this.settings = options.settings ?? {};
  }

  async open(): Promise<void> {
    const { dataDir, sync, clock, settings } = this;
    const logger = silentLogger;
    this.topics = new TopicStore({
      dataDir,
      logger,
      maxPartitions: 10,
      maxOpenFiles: 10,
      maxProducersPerPartition: 10,
      sync,
    });
    await this.topics.open();
    if (this.topics.get(TOPIC) === undefined) this.topics.create(TOPIC, 2, {});
    this.offsets = new OffsetStore(join(dataDir, 'groups'), { compactAboveBytes: 1_000_000, sync, logger });
    const participants = { topics: this.topics, offsets: this.offsets };
    const producerIds = new ProducerIds(dataDir, sync);
    this.coordinator = new TransactionCoordinator({
      dataDir,
      participants,
      producerIds,
      logger,
      sync,
      clock,
      settings,
    });
    await this.coordinator.start();
  }

  async close(): Promise<void> {
    this.coordinator.close();
    this.offsets.close();
    await this.topics.close();
  }

  async restart(): Promise<void> {
    await this.close();
    await this.open();
  }

  log(partition = 0): PartitionLog {
    return this.topics.log(TOPIC, partition) as PartitionLog;
  }

  init(transactionalId: string, expected = NEW, timeoutMs = 1000) {
    return this.coordinator.initProducerId({ transactionalId, timeoutMs, ...expected });
  }

  /** A producer with one record in an open transaction. */
  begin(transactionalId: string, values = ['v']) {
    const { producerId, producerEpoch } = this.init(transactionalId);
    const producer = { transactionalId, producerId, producerEpoch };
    expect(this.coordinator.addPartitions(producer, [PARTITION])).toBe(NONE);
    expect(this.produce(producer, values, 0)).toBe(NONE);
    return producer;
  }

  produce(
    producer: { readonly transactionalId: string; readonly producerId: number; readonly producerEpoch: number },
    values: readonly string[],
    baseSequence: number,
  ): number {
    const batch = makeBatch(values, { ...producer, baseSequence, isTransactional: true });
    const check = this.coordinator.checkOfPartition(producer.transactionalId, PARTITION);
    return this.log().append(batch, 8, this.clock.now(), check).errorCode;
  }

  /** Makes the logs refuse markers, as a full disk does. */
  failMarkers(partition = 0): () => void {
    const log = this.log(partition);
    const original = log.endTransaction.bind(log);
    log.endTransaction = () => {
      throw new Error('no space left on device');
    };
    return () => {
      log.endTransaction = original;
    };
  }
}

let world: World;

beforeEach(async () => {
  world = new World();
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
    world = new World({ sync: true });
    await world.open();
    const producer = world.begin('a');
    const ended = world.coordinator.end(producer, true);
    expect(world.coordinator.end(producer, true)).toBe(CONCURRENT_TRANSACTIONS);
    await expect(ended).resolves.toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });
});

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
        const again = new World({ dataDir });
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
    world = new World({ settings: { maxTransactionalIds: 2, idExpirationMs: 10_000 } });
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
    world = new World({ settings: { maxGroupsPerTransaction: 1 } });
    await world.open();
    const producer = world.begin('a');
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(NONE);
    expect(world.coordinator.addOffsets(producer, 'h')).toBe(ErrorCode.POLICY_VIOLATION);
    expect(world.coordinator.addOffsets(producer, 'g')).toBe(NONE);
    expect(world.coordinator.end(producer, true)).toBe(NONE);
  });

  test('the transaction log is rewritten when it has grown, and says the same', async () => {
    await world.close();
    world = new World({ settings: { compactAboveBytes: 2000 } });
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

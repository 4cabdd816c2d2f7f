import { expect } from '@jest/globals';
import { ErrorCode } from '@playhead/kafka-protocol';
import { join } from 'node:path';
import { OffsetStore } from '../../src/groups/offset-store.ts';
import { silentLogger } from '../../src/logger.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { ProducerIds } from '../../src/storage/producer-ids.ts';
import { TopicStore } from '../../src/storage/topic-store.ts';
import { TransactionCoordinator } from '../../src/transactions/transaction-coordinator.ts';
import type { TransactionSettings } from '../../src/transactions/transaction-settings.ts';
import { VirtualClock } from '../groups/virtual-clock.ts';
import { makeBatch } from '../support/batches.ts';

const { NONE } = ErrorCode;
const NEW = { producerId: -1, producerEpoch: -1 };

/** The topic that a world has, with two partitions. */
export const TOPIC = 'beats';
/** Its first partition. */
export const PARTITION = { topic: TOPIC, partition: 0 };

/** A coordinator over real logs and offsets, on a clock that is told when to move. */
export class World {
  readonly clock = new VirtualClock();
  readonly dataDir: string;
  readonly sync: boolean;
  readonly settings: Partial<TransactionSettings>;
  topics!: TopicStore;
  offsets!: OffsetStore;
  coordinator!: TransactionCoordinator;

  constructor(
    dataDir: string,
    options: { readonly sync?: boolean; readonly settings?: Partial<TransactionSettings> } = {},
  ) {
    this.dataDir = dataDir;
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

import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  initProducerIdApi,
  offsetFetchApi,
  produceApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import { makeBatch } from './batches.ts';
import type { RawClient } from './raw-client.ts';

/** A producer id with its epoch. */
export interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** One transactional id on one topic; its methods answer error codes. */
export class Transactor {
  readonly client: RawClient;
  readonly topic: string;
  readonly transactionalId: string;
  identity: Identity = { producerId: -1, producerEpoch: -1 };
  sequence = 0;

  constructor(client: RawClient, topic: string, transactionalId: string) {
    this.client = client;
    this.topic = topic;
    this.transactionalId = transactionalId;
  }

  /** InitProducerId, with an expected identity if one is given; takes over what it is answered. */
  async init(timeoutMs = 60_000, expected: Partial<Identity> = {}): Promise<number> {
    const request = { transactionalId: this.transactionalId, transactionTimeoutMs: timeoutMs, ...expected };
    const { errorCode, producerId, producerEpoch } = await this.client.send(initProducerIdApi, 4, request);
    if (errorCode !== 0) return errorCode;
    this.identity = { producerId, producerEpoch };
    this.sequence = 0;
    return errorCode;
  }

  async add(partitions: readonly number[] = [0]): Promise<number> {
    const topics = [{ name: this.topic, partitions: [...partitions] }];
    const { resultsByTopic } = await this.client.send(addPartitionsToTxnApi, 2, { ...this.#names(), topics });
    return resultsByTopic[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1;
  }

  /** A batch with the next sequence, which does not move until it is acknowledged. */
  batch(values: readonly string[], baseSequence = this.sequence): Buffer {
    return makeBatch(values, { ...this.identity, baseSequence, isTransactional: true });
  }

  async produce(values: readonly string[], partition = 0): Promise<number> {
    const { errorCode } = await this.send(this.batch(values), partition);
    if (errorCode === 0) this.sequence += values.length;
    return errorCode;
  }

  async send(records: Buffer, index = 0): Promise<{ readonly errorCode: number; readonly baseOffset: number }> {
    const topicData = [{ name: this.topic, partitionData: [{ index, records }] }];
    const { transactionalId } = this;
    const answer = await this.client.send(produceApi, 7, { transactionalId, acks: -1, timeoutMs: 1000, topicData });
    const { errorCode = -1, baseOffset = -1 } = answer.responses[0]?.partitionResponses[0] ?? {};
    return { errorCode, baseOffset };
  }

  async addOffsets(groupId: string): Promise<number> {
    return (await this.client.send(addOffsetsToTxnApi, 2, { ...this.#names(), groupId })).errorCode;
  }

  async commitOffset(groupId: string, committedOffset: number): Promise<number> {
    const topics = [{ name: this.topic, partitions: [{ partitionIndex: 0, committedOffset }] }];
    const answer = await this.client.send(txnOffsetCommitApi, 3, { ...this.#names(), groupId, topics });
    return answer.topics[0]?.partitions[0]?.errorCode ?? -1;
  }

  async end(committed: boolean): Promise<number> {
    return (await this.client.send(endTxnApi, 2, { ...this.#names(), committed })).errorCode;
  }

  #names(): { transactionalId: string } & Identity {
    return { transactionalId: this.transactionalId, ...this.identity };
  }
}

/** A group's offset of partition 0 for who insists on stable ones: error code and offset. */
export async function stableOffset(client: RawClient, groupId: string, topic: string): Promise<[number, number]> {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  const answer = await client.send(offsetFetchApi, 7, { groupId, topics, requireStable: true });
  const { errorCode = -1, committedOffset = -1 } = answer.topics[0]?.partitions[0] ?? {};
  return [errorCode, committedOffset];
}

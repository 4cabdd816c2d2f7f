import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  ErrorCode,
  initProducerIdApi,
  produceApi,
} from '@playhead/kafka-protocol';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { TransactionalProducer } from '../../src/kafka/transactional-producer.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let producer: TransactionalProducer;
/** Codes of the answers to come, 0 when there is none. */
let addPartitions: number[];
let addOffsets: number[];
let produce: number[];
const commitInTransaction = (): Promise<void> => {
  broker.requests.push({ api: 'TxnOffsetCommit', version: 3, body: undefined, connection: 0 });
  return Promise.resolve();
};
const offsets = { member: { groupId: 'g', commitInTransaction }, offsets: [{ topic: 'in', partition: 0, offset: 1 }] };

function appendToBoth(): void {
  for (const partition of [0, 1]) producer.append('t', partition, 0, null, Buffer.from('v'));
}

beforeEach(async () => {
  [addPartitions, addOffsets, produce] = [[], [], []];
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 2);
  broker.on(initProducerIdApi, () => ({ errorCode: 0, producerId: 7, producerEpoch: 0 }));
  broker.on(addPartitionsToTxnApi, () => {
    const partitionErrorCode = addPartitions.shift() ?? 0;
    const resultsByPartition = [0, 1].map((partitionIndex) => ({ partitionIndex, partitionErrorCode }));
    return { resultsByTopic: [{ name: 't', resultsByPartition }] };
  });
  broker.on(addOffsetsToTxnApi, () => ({ errorCode: addOffsets.shift() ?? 0 }));
  broker.on(produceApi, () => {
    const errorCode = produce.shift() ?? 0;
    return {
      responses: [{ name: 't', partitionResponses: [0, 1].map((index) => ({ index, errorCode, baseOffset: 0 })) }],
    };
  });
  broker.on(endTxnApi, () => ({ errorCode: 0 }));
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  producer = new TransactionalProducer(client, { transactionalId: 'x', lingerMs: 0 });
  await producer.begin();
  broker.requests.length = 0;
  appendToBoth();
});

afterEach(async () => {
  await producer.close();
  await client.close();
  await broker.close();
});

const PREPARATIONS = new Set(['ApiVersions', 'FindCoordinator', 'Metadata']);
const asked = (): string[] => broker.requests.map(({ api }) => api).filter((api) => !PREPARATIONS.has(api));

test('a commit is three round trips: what is added, what is written, the end', async () => {
  await producer.commit(offsets);
  expect(asked().slice(0, 2).toSorted()).toEqual(['AddOffsetsToTxn', 'AddPartitionsToTxn']);
  expect(asked().slice(2, 4).toSorted()).toEqual(['Produce', 'TxnOffsetCommit']);
  expect(asked().slice(4)).toEqual(['EndTxn']);
});

test('records are not written while the coordinator still adds the offsets: the broker would refuse them', async () => {
  addOffsets = [ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS];
  await producer.commit(offsets);
  expect(asked().indexOf('Produce')).toBeGreaterThan(asked().lastIndexOf('AddOffsetsToTxn'));
});

test('offsets are not written while the coordinator still adds partitions', async () => {
  addPartitions = [ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS];
  await producer.commit(offsets);
  expect(asked().indexOf('TxnOffsetCommit')).toBeGreaterThan(asked().lastIndexOf('AddPartitionsToTxn'));
});

test('a coordinator that refuses the offsets for good fails the commit, which is not ended', async () => {
  addOffsets = [ErrorCode.INVALID_PRODUCER_EPOCH];
  await expect(producer.commit(offsets)).rejects.toMatchObject({ recovery: 'fenced' });
  expect(asked()).not.toContain('EndTxn');
});

test('batches that were refused together are sent again in one request', async () => {
  await producer.commit(offsets);
  broker.requests.length = 0;
  produce = [ErrorCode.NOT_ENOUGH_REPLICAS];
  appendToBoth();
  await producer.commit(offsets);
  expect(asked().filter((api) => api === 'Produce')).toHaveLength(2);
});

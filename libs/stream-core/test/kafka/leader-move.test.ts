import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fetchApi, metadataApi, produceApi } from '@playhead/kafka-protocol';
import { BatchProducer } from '../../src/kafka/batch-producer.ts';
import { Fetcher } from '../../src/kafka/fetcher.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { IdempotentLog } from './support/idempotent-log.ts';
import { batchOf, valuesOf } from './support/record-sets.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

const NOT_LEADER_OR_FOLLOWER = 6;

let brokers: ScriptedBroker[];
let client: KafkaClient;
/** The node that leads topic `t`'s only partition: 0 or 1. Both nodes see the same log. */
let leader: number;
let log: IdempotentLog;

beforeEach(async () => {
  brokers = [await ScriptedBroker.start(), await ScriptedBroker.start()];
  [leader, log] = [0, new IdempotentLog()];
  for (const [node, broker] of brokers.entries()) serve(broker, node);
  client = new KafkaClient({ brokers: brokers.map(({ address }) => address), clientId: 'test' });
});

afterEach(async () => {
  await client.close();
  for (const broker of brokers) await broker.close();
});

function serve(broker: ScriptedBroker, node: number): void {
  broker.on(metadataApi, () => ({
    brokers: brokers.map(({ port }, nodeId) => ({ nodeId, host: '127.0.0.1', port })),
    controllerId: 0,
    topics: [
      {
        name: 't',
        errorCode: 0,
        partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: leader, replicaNodes: [0, 1], isrNodes: [0, 1] }],
      },
    ],
  }));
  broker.on(produceApi, ({ topicData }) => {
    const records = topicData[0]?.partitionData[0]?.records ?? Buffer.alloc(0);
    const result = leader === node ? log.append(records) : { errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1 };
    return { responses: [{ name: 't', partitionResponses: [{ index: 0, ...result }] }] };
  });
  broker.on(fetchApi, async ({ topics }) => {
    const offset = topics[0]?.partitions[0]?.fetchOffset ?? 0;
    const values = log.values.slice(offset, offset + 3);
    if (values.length === 0 && leader === node) await new Promise((resolve) => setTimeout(resolve, 5));
    const part =
      leader === node
        ? { errorCode: 0, records: values.length === 0 ? null : batchOf(offset, values) }
        : { errorCode: NOT_LEADER_OR_FOLLOWER, records: null };
    return {
      responses: [{ topic: 't', partitions: [{ partitionIndex: 0, highWatermark: log.values.length, ...part }] }],
    };
  });
}

describe('a leader that moves', () => {
  test('is followed by producer and fetcher; every record is there once and in order', async () => {
    const producer = new BatchProducer(client, { lingerMs: 0, maxBatchBytes: 150 });
    const fetcher = new Fetcher(client);
    fetcher.add([{ topic: 't', partition: 0, offset: 0 }]);
    const read: string[] = [];
    const expected: string[] = [];
    for (const next of [1, 0, 1]) {
      for (let i = 0; i < 20; i++) {
        expected.push(`${expected.length}`);
        producer.append('t', 0, 1, null, Buffer.from(expected.at(-1) ?? ''));
      }
      await until('some are read', () => {
        read.push(...fetcher.poll().flatMap(valuesOf));
        return read.length > expected.length - 20;
      });
      leader = next;
    }
    await producer.flush();
    await until('all are read', () => {
      read.push(...fetcher.poll().flatMap(valuesOf));
      return read.length === expected.length;
    });
    expect(log.values).toEqual(expected);
    expect(read).toEqual(expected);
    expect(brokers.map((broker) => broker.received(produceApi).length > 0)).toEqual([true, true]);
    await fetcher.close();
    await producer.close();
  });
});

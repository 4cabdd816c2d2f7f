import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import kafkajs, { type Admin, type Consumer, type Kafka, type ResourceConfigQuery } from 'kafkajs';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { until } from '../support/until.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

const TOPIC_RESOURCE = kafkajs.ConfigResourceTypes.TOPIC;

let broker: TestBroker;
let kafka: Kafka;
let admin: Admin;

beforeAll(async () => {
  broker = await startTestBroker();
  kafka = new kafkajs.Kafka({
    brokers: [broker.address],
    clientId: 'kafkajs-test',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50 },
  });
  admin = kafka.admin();
  await admin.connect();
});

afterAll(async () => {
  await admin.disconnect();
  await broker.close();
});

/** A running consumer that notes what it gets as `partition/offset:value`. */
async function consume(
  groupId: string,
  topic: string,
): Promise<{ readonly seen: string[]; readonly consumer: Consumer }> {
  const seen: string[] = [];
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 100, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: ({ partition, message }) => {
      seen.push(`${partition}/${message.offset}:${message.value?.toString() ?? 'null'}`);
      return Promise.resolve();
    },
  });
  return { seen, consumer };
}

describe('kafkajs admin', () => {
  test('creates, describes, grows, alters and deletes a topic', async () => {
    const created = await admin.createTopics({
      topics: [{ topic: 'admin', numPartitions: 3, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
    });
    expect(created).toBe(true);
    await expect(admin.createTopics({ topics: [{ topic: 'admin', numPartitions: 3 }] })).resolves.toBe(false);
    const describe = async (): Promise<string | undefined> => {
      const query: ResourceConfigQuery = { type: TOPIC_RESOURCE, name: 'admin', configNames: ['cleanup.policy'] };
      const { resources } = await admin.describeConfigs({ resources: [query], includeSynonyms: false });
      return resources[0]?.configEntries[0]?.configValue;
    };
    await expect(describe()).resolves.toBe('compact');
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        { type: TOPIC_RESOURCE, name: 'admin', configEntries: [{ name: 'cleanup.policy', value: 'delete' }] },
      ],
    });
    await expect(describe()).resolves.toBe('delete');
    await admin.createPartitions({ topicPartitions: [{ topic: 'admin', count: 5 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: ['admin'] });
    expect(topics[0]?.partitions).toHaveLength(5);
    await expect(admin.describeCluster()).resolves.toMatchObject({
      controller: 1,
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: broker.port }],
    });
    await admin.deleteTopics({ topics: ['admin'] });
    expect(await admin.listTopics()).not.toContain('admin');
  });

  test('an unknown setting is refused', async () => {
    const topics = [{ topic: 'odd', configEntries: [{ name: 'no.such.setting', value: '1' }] }];
    await expect(admin.createTopics({ topics })).rejects.toMatchObject({
      errors: [expect.objectContaining({ type: 'INVALID_CONFIG' })],
    });
  });

  test('deletes records and sees offsets by time', async () => {
    await admin.createTopics({ topics: [{ topic: 'trimmed', numPartitions: 1 }] });
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 5 }, (_, i) => ({ value: `v${i}`, timestamp: String(1_000_000 + i) }));
    await producer.send({ topic: 'trimmed', messages });
    await producer.disconnect();
    // Only this makes kafkajs's admin look for the topic's leaders: without it deleteTopicRecords finds none, on any broker.
    await admin.fetchTopicOffsets('trimmed');
    await admin.deleteTopicRecords({ topic: 'trimmed', partitions: [{ partition: 0, offset: '2' }] });
    await expect(admin.fetchTopicOffsets('trimmed')).resolves.toEqual([
      { partition: 0, offset: '5', high: '5', low: '2' },
    ]);
    await expect(admin.fetchTopicOffsetsByTimestamp('trimmed', 1_000_003)).resolves.toEqual([
      { partition: 0, offset: '3' },
    ]);
  });
});

describe('kafkajs producer and consumer', () => {
  test("an idempotent producer's gzip batches come back in order, and a group goes on where it stopped", async () => {
    await admin.createTopics({ topics: [{ topic: 'journey', numPartitions: 2 }] });
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    const send = (value: string, partition: number) =>
      producer.send({
        topic: 'journey',
        compression: kafkajs.CompressionTypes.GZIP,
        messages: [{ key: 'k', value, partition, headers: { h: 'x' } }],
      });
    for (let i = 0; i < 10; i++) await send(`v${i}`, i % 2);
    const first = await consume('travellers', 'journey');
    await until(() => first.seen.length >= 10);
    for (const partition of [0, 1]) {
      const values = first.seen.filter((entry) => entry.startsWith(`${partition}/`));
      expect(values).toEqual(Array.from({ length: 5 }, (_, i) => `${partition}/${i}:v${2 * i + partition}`));
    }
    await first.consumer.disconnect();
    await send('after', 1);
    const second = await consume('travellers', 'journey');
    await until(() => second.seen.length > 0);
    expect(second.seen).toEqual(['1/5:after']);
    await second.consumer.disconnect();
    await producer.disconnect();
  });

  test('two members share the partitions, and the one that stays takes over', async () => {
    await admin.createTopics({ topics: [{ topic: 'shared', numPartitions: 4 }] });
    const producer = kafka.producer();
    await producer.connect();
    const sendAll = (value: string) =>
      producer.send({ topic: 'shared', messages: [0, 1, 2, 3].map((partition) => ({ value, partition })) });
    const one = await consume('sharers', 'shared');
    const two = await consume('sharers', 'shared');
    await until(async () => {
      const { groups } = await admin.describeGroups(['sharers']);
      return groups[0]?.state === 'Stable' && groups[0].members.length === 2;
    });
    await sendAll('both');
    await until(() => one.seen.length + two.seen.length >= 4);
    expect([one.seen.length, two.seen.length]).toEqual([2, 2]);
    await two.consumer.disconnect();
    await sendAll('alone');
    await until(() => one.seen.filter((entry) => entry.endsWith('alone')).length === 4);
    expect(new Set([...one.seen, ...two.seen]).size).toBe(8);
    await one.consumer.disconnect();
    await producer.disconnect();
  });

  test('goes on through a restart of the broker: nothing lost, nothing twice, in order', async () => {
    await admin.createTopics({ topics: [{ topic: 'restarted', numPartitions: 1 }] });
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    const sent: string[] = [];
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const value = `v${sent.length}`;
        await producer.send({ topic: 'restarted', messages: [{ value }] });
        sent.push(value);
      }
    };
    await send(20);
    const { seen, consumer } = await consume('survivors', 'restarted');
    await until(() => seen.length === 20);
    await broker.restart();
    await send(20);
    await until(() => new Set(seen).size === 40);
    expect([...new Set(seen)]).toEqual(sent.map((value, offset) => `0/${offset}:${value}`));
    await consumer.disconnect();
    await producer.disconnect();
  });
});

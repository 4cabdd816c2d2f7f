import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createTopicsApi, deleteRecordsApi, listOffsetsApi, metadataApi } from '@playhead/kafka-protocol';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 2);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
});

afterEach(async () => {
  await client.close();
  await broker.close();
});

describe('metadata', () => {
  test('topics that do not exist are left out, and none is created by asking', async () => {
    expect(await client.partitionsOf(['t', 'absent'])).toEqual(new Map([['t', 2]]));
    expect(broker.received(metadataApi)[0]?.body).toMatchObject({ allowAutoTopicCreation: false });
  });

  test('a leaderless topic spoils neither its own description nor another topic’s', async () => {
    broker.topics.set('leaderless', 1);
    broker.on(metadataApi, ({ topics }) =>
      broker.metadata(topics?.map(({ name }) => name ?? '') ?? [], ['leaderless']),
    );
    expect(await client.describeTopics(['leaderless', 't'])).toMatchObject([
      { topic: 'leaderless', partitions: [{ partition: 0, leader: -1 }] },
      { topic: 't', partitions: [{ leader: 1 }, { leader: 1 }] },
    ]);
  });

  test('callers that ask at the same time share one request', async () => {
    await client.partitionsOf(['t']);
    const before = broker.received(metadataApi).length;
    await Promise.all([client.partitionsOf(['t']), client.partitionsOf(['a']), client.partitionsOf(['b'])]);
    expect(broker.received(metadataApi)).toHaveLength(before + 1);
  });

  test('tries the bootstrap brokers in turn', async () => {
    const other = new KafkaClient({ brokers: ['127.0.0.1:1', broker.address], clientId: 'test' });
    expect(await other.partitionsOf(['t'])).toEqual(new Map([['t', 2]]));
    await other.close();
  });

  test('gives up with the last error after retryTimeoutMs', async () => {
    const other = new KafkaClient({ brokers: ['127.0.0.1:1'], clientId: 'test', retryTimeoutMs: 100 });
    await expect(other.partitionsOf(['t'])).rejects.toMatchObject({ reason: 'CONNECTION_FAILED' });
    await other.close();
  });

  test('a client without a logger waited for a broker that nobody was told about: it is named once on stderr', async () => {
    const written: string[] = [];
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const other = new KafkaClient({ brokers: ['127.0.0.1:1'], clientId: 'test', retryTimeoutMs: 300 });
    const created = other.createTopics([{ topic: 't', partitions: 1 }]);
    await expect(created).rejects.toMatchObject({ reason: 'CONNECTION_FAILED' });
    await other.close();
    stderr.mockRestore();
    expect(written.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        level: 'warn',
        broker: '127.0.0.1:1',
        error: expect.stringContaining('ECONNREFUSED'),
        msg: 'broker cannot be reached',
      }),
    ]);
  });

  test('a closed client answers nobody', async () => {
    await client.close();
    await expect(client.partitionsOf(['t'])).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});

describe('topics', () => {
  const results = (codes: Record<string, number>) => (request: { topics: readonly { name: string }[] }) => ({
    topics: request.topics.map(({ name }) => ({ name, errorCode: codes[name] ?? 0 })),
  });

  test('an existing topic is reported, and a failure that passes is tried again for the open ones only', async () => {
    broker.topics.set('fresh', 1);
    const codes: Record<string, number> = { t: 36, fresh: 41 };
    broker.on(createTopicsApi, (request) => {
      const answer = results({ ...codes })(request);
      codes['fresh'] = 0;
      return answer;
    });
    expect(
      await client.createTopics([
        { topic: 't', partitions: 2 },
        { topic: 'fresh', partitions: 1 },
      ]),
    ).toEqual([
      { topic: 't', result: 'existed' },
      { topic: 'fresh', result: 'created' },
    ]);
    const asked = broker
      .received(createTopicsApi)
      .map(({ body }) => (body as { topics: { name: string }[] }).topics.map(({ name }) => name));
    expect(asked).toEqual([['t', 'fresh'], ['fresh']]);
  });

  test('a refusal names the topic', async () => {
    broker.on(createTopicsApi, results({ bad: 17 }));
    await expect(client.createTopics([{ topic: 'bad', partitions: 1 }])).rejects.toMatchObject({
      reason: 'INVALID_TOPIC_EXCEPTION',
      context: { topic: 'bad' },
    });
  });
});

describe('offsets', () => {
  test('come in the order asked for; a partition whose leader has moved is asked for again, the others are not', async () => {
    let moved = true;
    broker.on(listOffsetsApi, ({ topics }) => {
      const answer = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: partitionIndex === 1 && moved ? 6 : 0,
          offset: 10 + partitionIndex,
        })),
      }));
      moved = false;
      return { topics: answer };
    });
    const found = await client.listOffsets(
      [
        { topic: 't', partition: 1 },
        { topic: 't', partition: 0 },
      ],
      'latest',
      'read_committed',
    );
    expect(found.map(({ partition, offset }) => [partition, offset])).toEqual([
      [1, 11],
      [0, 10],
    ]);
    const bodies = broker
      .received(listOffsetsApi)
      .map(
        ({ body }) =>
          body as { isolationLevel: number; topics: { partitions: { partitionIndex: number; timestamp: number }[] }[] },
      );
    expect(bodies.map(({ topics }) => topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex))).toEqual([
      [1, 0],
      [1],
    ]);
    expect([bodies[0]?.isolationLevel, bodies[0]?.topics[0]?.partitions[0]?.timestamp]).toEqual([1, -1]);
  });

  test.each([
    ['earliest', -2],
    [1_700_000_000_123, 1_700_000_000_123],
  ] as const)('asked for %s, the broker is asked for %i', async (at, timestamp) => {
    broker.on(listOffsetsApi, ({ topics }) => ({
      topics: topics.map(({ name }) => ({
        name,
        partitions: [{ partitionIndex: 0, errorCode: 0, offset: 5, timestamp: 7 }],
      })),
    }));
    expect(await client.listOffsets([{ topic: 't', partition: 0 }], at)).toEqual([
      { topic: 't', partition: 0, offset: 5, timestamp: 7 },
    ]);
    expect(broker.received(listOffsetsApi)[0]?.body).toMatchObject({ topics: [{ partitions: [{ timestamp }] }] });
  });

  test('deleting records names the offsets before which they go', async () => {
    broker.on(deleteRecordsApi, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: 5, errorCode: 0 })),
      })),
    }));
    await client.deleteRecords([{ topic: 't', partition: 1, offset: 5 }]);
    expect(broker.received(deleteRecordsApi)[0]?.body).toMatchObject({
      topics: [{ name: 't', partitions: [{ partitionIndex: 1, offset: 5 }] }],
    });
  });
});

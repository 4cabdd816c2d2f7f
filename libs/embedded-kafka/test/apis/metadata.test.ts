import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ErrorCode, metadataApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic } from '../support/requests.ts';

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker({ defaultPartitions: 3 });
  client = await RawClient.connect(broker.port);
  await createTopic(client, 'a', 2);
  await createTopic(client, 'b');
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

const named = (...names: string[]) => names.map((name) => ({ name }));

describe('Metadata', () => {
  test.each([
    ['an empty list in version 0', 0, [], ['a', 'b']],
    ['null from version 1 on', 1, null, ['a', 'b']],
    ['null in version 8', 8, null, ['a', 'b']],
    ['an empty list from version 1 on', 1, [], []],
    ['names, each once', 5, named('b', 'b'), ['b']],
  ])('%s selects the right topics', async (_, version, topics, expected) => {
    const response = await client.send(metadataApi, version, { topics, allowAutoTopicCreation: false });
    expect(response.topics.map(({ name }) => name)).toEqual(expected);
  });

  test('names the broker by number, not by localhost, and as the controller', async () => {
    const { brokers, controllerId, clusterId, topics } = await client.send(metadataApi, 8, { topics: named('a') });
    expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: broker.port, rack: null }]);
    expect(controllerId).toBe(1);
    expect(clusterId).toHaveLength(22);
    expect(topics[0]?.partitions).toEqual(
      [0, 1].map((partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1,
        leaderEpoch: 0,
        replicaNodes: [1],
        isrNodes: [1],
        offlineReplicas: [],
      })),
    );
  });

  test('creates a topic only where the request allows it', async () => {
    const ask = async (name: string, allowAutoTopicCreation: boolean) =>
      (await client.send(metadataApi, 4, { topics: named(name), allowAutoTopicCreation })).topics[0];
    await expect(ask('new', false)).resolves.toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      partitions: [],
    });
    await expect(ask('new', true)).resolves.toMatchObject({ errorCode: 0 });
    expect((await ask('new', false))?.partitions).toHaveLength(3);
    await expect(ask('no/such', true)).resolves.toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION });
    await expect(ask('no/such', false)).resolves.toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION });
  });

  test('creates nothing where the broker does not allow it', async () => {
    const strict = await startTestBroker({ autoCreateTopics: false });
    const other = await RawClient.connect(strict.port);
    const { topics } = await other.send(metadataApi, 4, { topics: named('new'), allowAutoTopicCreation: true });
    expect(topics[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await other.close();
    await strict.close();
  });

  test('the cluster id stays over a restart', async () => {
    const ask = async (via: RawClient) => (await via.send(metadataApi, 8, { topics: [] })).clusterId;
    const before = await ask(client);
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(ask(client)).resolves.toBe(before);
  });
});

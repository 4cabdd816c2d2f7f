import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  alterConfigsApi,
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  describeConfigsApi,
  ErrorCode,
  incrementalAlterConfigsApi,
  metadataApi,
  type RequestInputOf,
} from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from '../support/requests.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

type NewTopic = RequestInputOf<typeof createTopicsApi>['topics'][number];

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker({ maxPartitions: 100 });
  client = await RawClient.connect(broker.port);
  await createTopic(client, 'present', 2);
  await createTopic(client, 'compacted', 1, { 'cleanup.policy': 'compact' });
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

const TOPIC = 2;
const BROKER = 4;

async function partitionsOf(topic: string): Promise<number | undefined> {
  const { topics } = await client.send(metadataApi, 5, { topics: [{ name: topic }], allowAutoTopicCreation: false });
  return topics[0]?.partitions.length;
}

describe('CreateTopics', () => {
  const create = async (topic: Partial<NewTopic>, options: { readonly validateOnly?: boolean } = {}) => {
    const full = { name: 'new', numPartitions: 1, replicationFactor: 1, ...topic };
    const { topics } = await client.send(createTopicsApi, 4, { topics: [full], ...options });
    return topics[0];
  };

  const one = (name: string, value: string | null) => ({ configs: [{ name, value }] });
  const assigned = (...brokers: number[]) => ({
    numPartitions: -1,
    replicationFactor: -1,
    assignments: brokers.map((id, partitionIndex) => ({ partitionIndex, brokerIds: [id] })),
  });
  test.each<[string, Partial<NewTopic>, number]>([
    ['a name that exists', { name: 'present' }, ErrorCode.TOPIC_ALREADY_EXISTS],
    ['an illegal name', { name: 'a b' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ['a name that is too long', { name: 'x'.repeat(250) }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ['no name', { name: '' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ['no partitions', { numPartitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    ['more partitions than maxPartitions allows', { numPartitions: 101 }, ErrorCode.INVALID_PARTITIONS],
    ['no replicas', { replicationFactor: 0 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    ['an unknown setting', one('no.such.setting', '1'), ErrorCode.INVALID_CONFIG],
    ['a setting out of its bounds', one('retention.ms', '-5'), ErrorCode.INVALID_CONFIG],
    ['a setting that is no number', one('segment.bytes', 'many'), ErrorCode.INVALID_CONFIG],
    ['a setting that is none of its words', one('cleanup.policy', 'shrink'), ErrorCode.INVALID_CONFIG],
    ['a setting without a value', one('retention.ms', null), ErrorCode.INVALID_CONFIG],
    ['an assignment to an unknown broker', assigned(1, 2), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    ['assignments beside a count', { ...assigned(1), numPartitions: 1 }, ErrorCode.INVALID_REQUEST],
  ])('refuses %s', async (_, topic, errorCode) => {
    const result = await create(topic);
    expect(result?.errorCode).toBe(errorCode);
    expect(result?.errorMessage).not.toBe('');
    await expect(partitionsOf('new')).resolves.toBe(0);
  });

  test('with validate_only says what would happen and does nothing', async () => {
    await expect(create({}, { validateOnly: true })).resolves.toMatchObject({ errorCode: 0 });
    await expect(create({ name: 'present' }, { validateOnly: true })).resolves.toMatchObject({
      errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
    });
    await expect(partitionsOf('new')).resolves.toBe(0);
  });

  test('takes any replication factor, the default partition count and assignments', async () => {
    await expect(create({ name: 'defaults', numPartitions: -1, replicationFactor: 3 })).resolves.toMatchObject({
      errorCode: 0,
    });
    await expect(partitionsOf('defaults')).resolves.toBe(4);
    await expect(create({ name: 'assigned', ...assigned(1, 1) })).resolves.toMatchObject({ errorCode: 0 });
    await expect(partitionsOf('assigned')).resolves.toBe(2);
  });

  test('refuses a topic that is named twice', async () => {
    const topic = { name: 'twice', numPartitions: 1, replicationFactor: 1 };
    const { topics } = await client.send(createTopicsApi, 4, { topics: [topic, topic] });
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.INVALID_REQUEST]);
  });
});

describe('DeleteTopics', () => {
  test('refuses a topic that is named twice, and leaves it', async () => {
    await createTopic(client, 'kept');
    const { responses } = await client.send(deleteTopicsApi, 3, { topicNames: ['kept', 'kept'], timeoutMs: 100 });
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.INVALID_REQUEST]);
    await expect(partitionsOf('kept')).resolves.toBe(1);
  });

  test('removes a topic with its records: one created again is empty, also after a restart', async () => {
    await createTopic(client, 'again');
    await produceOne(client, 'again', makeBatch(['a']));
    const remove = async () =>
      (await client.send(deleteTopicsApi, 3, { topicNames: ['again'], timeoutMs: 100 })).responses[0]?.errorCode;
    await expect(remove()).resolves.toBe(0);
    await expect(remove()).resolves.toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await createTopic(client, 'again');
    await expect(listOffset(client, 'again', -1)).resolves.toBe(0);
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(listOffset(client, 'again', -1)).resolves.toBe(0);
  });
});

describe('CreatePartitions', () => {
  test('adds partitions that work after a restart, and refuses what is no increase', async () => {
    const grow = async (name: string, count: number, validateOnly = false) =>
      (await client.send(createPartitionsApi, 1, { topics: [{ name, count }], timeoutMs: 100, validateOnly }))
        .results[0]?.errorCode;
    await createTopic(client, 'growing');
    await expect(grow('growing', 3, true)).resolves.toBe(0);
    await expect(partitionsOf('growing')).resolves.toBe(1);
    await expect(grow('growing', 3)).resolves.toBe(0);
    await expect(grow('growing', 3)).resolves.toBe(ErrorCode.INVALID_PARTITIONS);
    await expect(grow('missing', 3)).resolves.toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    await produceOne(client, 'growing', makeBatch(['a']), { partition: 2 });
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(fetchOne(client, 'growing', 0, { partition: 2 })).resolves.toMatchObject({
      errorCode: 0,
      highWatermark: 1,
    });
  });
});

describe('CreatePartitions in one request', () => {
  const grow = async (topics: RequestInputOf<typeof createPartitionsApi>['topics']) =>
    (await client.send(createPartitionsApi, 1, { topics, timeoutMs: 100 })).results.map(({ errorCode }) => errorCode);

  test('refuses a topic that is named twice, and answers it once', async () => {
    const name = 'named-twice';
    await createTopic(client, name);
    await expect(grow([2, 3].map((count) => ({ name, count })))).resolves.toEqual([ErrorCode.INVALID_REQUEST]);
    await expect(partitionsOf(name)).resolves.toBe(1);
  });

  test.each([
    ['too few', [[1]], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    ['on a broker that there is not', [[1], [2]], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    ['on none', [[1], []], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    ['one for each new partition', [[1], [1]], ErrorCode.NONE],
  ])('checks assignments: %s', async (what, brokers, errorCode) => {
    const name = `assigned-${what.replaceAll(' ', '-')}`;
    await createTopic(client, name);
    const assignments = brokers.map((brokerIds) => ({ brokerIds }));
    await expect(grow([{ name, count: 3, assignments }])).resolves.toEqual([errorCode]);
    await expect(partitionsOf(name)).resolves.toBe(errorCode === ErrorCode.NONE ? 3 : 1);
  });
});

describe('settings', () => {
  const describeOne = async (
    resourceType: number,
    resourceName: string,
    keys: readonly string[] | null = null,
    includeSynonyms = false,
  ) => {
    const resources = [{ resourceType, resourceName, configurationKeys: keys }];
    return (await client.send(describeConfigsApi, 2, { resources, includeSynonyms })).results[0];
  };
  const valueOf = async (topic: string, name: string) => (await describeOne(TOPIC, topic, [name]))?.configs[0];

  test('are described with their source and synonyms; unknown resources are refused', async () => {
    await expect(valueOf('compacted', 'cleanup.policy')).resolves.toMatchObject({
      value: 'compact',
      configSource: 1,
      readOnly: false,
    });
    await expect(valueOf('present', 'cleanup.policy')).resolves.toMatchObject({ value: 'delete', configSource: 5 });
    const all = await describeOne(TOPIC, 'compacted', null, true);
    expect(all?.configs.length).toBeGreaterThan(20);
    expect(all?.configs.find(({ name }) => name === 'cleanup.policy')?.synonyms).toHaveLength(2);
    await expect(describeOne(TOPIC, 'missing')).resolves.toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    });
    await expect(describeOne(BROKER, '1', ['num.partitions'])).resolves.toMatchObject({
      configs: [{ value: '4', readOnly: true }],
    });
    await expect(describeOne(BROKER, '2')).resolves.toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
    await expect(describeOne(77, 'x')).resolves.toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST });
  });

  test('AlterConfigs replaces all of them, at once and over a restart', async () => {
    await createTopic(client, 'altered', 1, { 'retention.ms': '5', 'segment.ms': '7' });
    const alter = async (name: string, value: string, validateOnly = false) =>
      (
        await client.send(alterConfigsApi, 1, {
          resources: [{ resourceType: TOPIC, resourceName: 'altered', configs: [{ name, value }] }],
          validateOnly,
        })
      ).responses[0]?.errorCode;
    await expect(alter('max.message.bytes', '100', true)).resolves.toBe(0);
    await expect(alter('no.such.setting', '1')).resolves.toBe(ErrorCode.INVALID_CONFIG);
    await expect(valueOf('altered', 'retention.ms')).resolves.toMatchObject({ value: '5' });
    await expect(alter('max.message.bytes', '100')).resolves.toBe(0);
    await expect(valueOf('altered', 'retention.ms')).resolves.toMatchObject({ value: '604800000' });
    await expect(produceOne(client, 'altered', makeBatch(['x'.repeat(100)]))).resolves.toMatchObject({
      errorCode: ErrorCode.MESSAGE_TOO_LARGE,
    });
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(valueOf('altered', 'max.message.bytes')).resolves.toMatchObject({ value: '100' });
  });

  test('IncrementalAlterConfigs sets, deletes, appends and subtracts', async () => {
    await createTopic(client, 'stepwise', 1, { 'retention.ms': '5' });
    const change = async (name: string, configOperation: number, value: string | null) =>
      (
        await client.send(incrementalAlterConfigsApi, 0, {
          resources: [{ resourceType: TOPIC, resourceName: 'stepwise', configs: [{ name, configOperation, value }] }],
        })
      ).responses[0]?.errorCode;
    await expect(change('cleanup.policy', 2, 'compact')).resolves.toBe(0);
    await expect(valueOf('stepwise', 'cleanup.policy')).resolves.toMatchObject({ value: 'delete,compact' });
    await expect(change('cleanup.policy', 3, 'delete')).resolves.toBe(0);
    await expect(valueOf('stepwise', 'cleanup.policy')).resolves.toMatchObject({ value: 'compact' });
    await expect(change('retention.ms', 1, null)).resolves.toBe(0);
    await expect(valueOf('stepwise', 'retention.ms')).resolves.toMatchObject({ configSource: 5 });
    await expect(change('segment.ms', 0, '9')).resolves.toBe(0);
    await expect(valueOf('stepwise', 'segment.ms')).resolves.toMatchObject({ value: '9' });
    await expect(change('segment.ms', 2, '9')).resolves.toBe(ErrorCode.INVALID_CONFIG);
    await expect(change('segment.ms', 9, '9')).resolves.toBe(ErrorCode.INVALID_REQUEST);
    await expect(change('cleanup.policy', 2, 'shrink')).resolves.toBe(ErrorCode.INVALID_CONFIG);
    const twice = ['7', '8'].map((value) => ({ name: 'segment.ms', configOperation: 0, value }));
    const { responses } = await client.send(incrementalAlterConfigsApi, 0, {
      resources: [{ resourceType: TOPIC, resourceName: 'stepwise', configs: twice }],
    });
    expect(responses[0]?.errorCode).toBe(ErrorCode.INVALID_REQUEST);
    await expect(valueOf('stepwise', 'segment.ms')).resolves.toMatchObject({ value: '9' });
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import {
  ErrorCode,
  fetchApi,
  heartbeatApi,
  joinGroupApi,
  listOffsetsApi,
  offsetCommitApi,
  offsetFetchApi,
  produceApi,
  syncGroupApi,
} from '@playhead/kafka-protocol';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { BrokerError } from '../../src/kafka/errors.ts';
import type { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import type { StreamsConfig } from '../../src/runtime/streams-config.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest, type ReadRecord } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const lastCounts = (records: readonly ReadRecord[]): Record<string, number> =>
  Object.fromEntries(records.map(({ key, value }) => [key, Number(value?.readBigInt64BE(0))]));
const allCounts = (count: number): Record<string, number> => Object.fromEntries(KEYS.map((key) => [key, count]));

const metric = (streams: KafkaStreams, name: string): number =>
  [...streams.metrics()].filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);

describe('an application when the broker misbehaves', () => {
  let broker: TestBroker;
  let cluster: ClusterUnderTest;
  const hooks: (() => void)[] = [];
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    cluster = new ClusterUnderTest([broker.address]);
  });
  afterEach(async () => {
    for (const remove of hooks.splice(0)) remove();
    await cluster.close();
  });

  async function counting(config: Partial<StreamsConfig> = {}) {
    const input = await cluster.topic('in', 4);
    const output = await cluster.topic('out', 4);
    const { streams } = await cluster.start(countTopology(input, output), config);
    const send = async (): Promise<void> => {
      for (const key of KEYS) await cluster.produce(input, key, 'x');
    };
    return { input, output, streams, send };
  }

  /** Waits until nothing that was processed would be processed again. */
  const committed = (streams: KafkaStreams) =>
    eventually(() => streams.tasks().every((task) => task.committed), 'the commit of everything');

  test('goes on after a restart of the broker, without a record lost or counted twice', async () => {
    const { output, streams, send } = await counting();
    await send();
    await cluster.read(output, 20);
    await committed(streams);
    const states: string[] = [];
    streams.onStateChange((state) => states.push(state));
    await broker.restart();
    // Members do not outlive the broker: what is processed before it hears so is not committed and may be counted again.
    await eventually(() => states.at(0) === 'REBALANCING' && states.at(-1) === 'RUNNING', 'the way back to RUNNING');
    await send();
    const records = await cluster.read(output, 40);
    expect(lastCounts(records)).toEqual(allCounts(2));
    expect(records).toHaveLength(40);
  }, 60_000);

  test('expelled from the group it gives its tasks up, joins again and restores them', async () => {
    const { output, streams, send } = await counting({ sessionTimeoutMs: 6_000 });
    await send();
    await cluster.read(output, 20);
    await committed(streams);
    const states: string[] = [];
    streams.onStateChange((state) => states.push(state));
    hooks.push(broker.control.fail(heartbeatApi.key, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID }));
    await eventually(() => states.join(' ') === 'REBALANCING RUNNING', 'the way back to RUNNING');
    expect(metric(streams, 'restore-total')).toBe(20);
    await send();
    const records = await cluster.read(output, 40);
    expect(lastCounts(records)).toEqual(allCounts(2));
    expect(metric(streams, 'task-closed-total')).toBe(4);
  }, 60_000);

  test.each([
    ['the coordinator moves', offsetCommitApi.key, ErrorCode.NOT_COORDINATOR],
    ['the coordinator loads', offsetCommitApi.key, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS],
    ['the leader moves', produceApi.key, ErrorCode.NOT_LEADER_OR_FOLLOWER],
    ['a fetch meets a leader that has moved', fetchApi.key, ErrorCode.NOT_LEADER_OR_FOLLOWER],
  ])('goes on when %s', async (_, apiKey, errorCode) => {
    const { output, streams, send } = await counting();
    hooks.push(broker.control.fail(apiKey, { errorCode, times: 2 }));
    await send();
    const records = await cluster.read(output, 20);
    expect(lastCounts(records)).toEqual(allCounts(1));
    await committed(streams);
    expect([streams.state, records.length]).toEqual(['RUNNING', 20]);
  });

  test.each([
    ['JoinGroup', joinGroupApi.key],
    ['SyncGroup', syncGroupApi.key],
    ['OffsetFetch', offsetFetchApi.key],
    ['ListOffsets', listOffsetsApi.key],
  ])(
    'starts although the answer of the first %s is lost',
    async (_, apiKey) => {
      hooks.push(broker.control.drop(apiKey, { afterHandling: true }));
      const { output, send } = await counting({ sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 1_000 });
      await send();
      expect(lastCounts(await cluster.read(output, 20))).toEqual(allCounts(1));
    },
    60_000,
  );

  test('a lost acknowledgement is no second write', async () => {
    const { output, send } = await counting();
    await send();
    hooks.push(broker.control.drop(produceApi.key, { afterHandling: true, times: 3 }));
    await send();
    const records = await cluster.read(output, 40);
    expect(lastCounts(records)).toEqual(allCounts(2));
    expect(records).toHaveLength(40);
  });

  test('output that Kafka refuses for good ends the application; nothing after it is committed', async () => {
    const { input, output, streams } = await counting();
    const refused = broker.control.intercept(produceApi.key, (request) =>
      isFor(request, output) ? { action: 'fail', errorCode: ErrorCode.MESSAGE_TOO_LARGE } : undefined,
    );
    hooks.push(refused);
    await cluster.produce(input, 'a', 'x');
    await eventually(() => streams.state === 'ERROR', 'the state ERROR');
    expect(streams.error).toBeInstanceOf(BrokerError);
    expect(metric(streams, 'commit-total')).toBe(0);
    refused();
    await cluster.start(countTopology(input, output));
    expect(lastCounts(await cluster.read(output, 1))['a']).toBeGreaterThanOrEqual(1);
  });

  test('a production handler that continues leaves such output out and counts it', async () => {
    const { input, output, streams } = await counting({ handlers: { production: () => 'continue' } });
    const refused = broker.control.intercept(produceApi.key, (request) =>
      isFor(request, output) ? { action: 'fail', errorCode: ErrorCode.MESSAGE_TOO_LARGE } : undefined,
    );
    await cluster.produce(input, 'a', 'x');
    await eventually(() => metric(streams, 'dropped-records-total') === 1, 'the drop');
    refused();
    await cluster.produce(input, 'a', 'x');
    expect(lastCounts(await cluster.read(output, 1))).toEqual({ a: 2 });
    expect(streams.state).toBe('RUNNING');
  });

  test('a group that it may not join ends it with that cause', async () => {
    hooks.push(broker.control.fail(joinGroupApi.key, { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, times: 9 }));
    const input = await cluster.topic('in', 1);
    const { streams } = await cluster.prepare(countTopology(input, input));
    await expect(streams.start()).rejects.toMatchObject({ reason: 'GROUP_AUTHORIZATION_FAILED' });
    await eventually(() => streams.state === 'ERROR', 'the state ERROR');
  });

  test('records are taken in the order of their times, also when the earlier ones of two inputs are fetched late', async () => {
    const early = await cluster.topic('early', 1);
    const late = await cluster.topic('late', 1);
    const output = await cluster.topic('out', 1);
    const builder = new StreamsBuilder();
    const texts = { key: serdes.string, value: serdes.string };
    builder.stream<string, string>(early, texts).merge(builder.stream<string, string>(late, texts)).to(output, texts);
    // More than one fetch brings, so that the queue runs empty while the other topic has records.
    const rows = Array.from({ length: 4 }, (_, at) => row(`early ${at}`.padEnd(600_000), 10 + at));
    await cluster.produceAll(early, rows);
    await cluster.produceAll(late, [row('late', 50)]);
    hooks.push(
      broker.control.intercept(fetchApi.key, (request) =>
        fetchesFrom(request, early) > 0 ? { action: 'delay', delayMs: 100 } : undefined,
      ),
    );
    await cluster.start(builder.build());
    const values = (await cluster.read(output, 5)).map(({ value }) => value?.toString().trim());
    expect(values).toEqual(['early 0', 'early 1', 'early 2', 'early 3', 'late']);
  });

  test('an input that has been read to its end is waited for as long as the setting says', async () => {
    const [calm, busy, output] = [
      await cluster.topic('calm', 1),
      await cluster.topic('busy', 1),
      await cluster.topic('out', 1),
    ];
    const builder = new StreamsBuilder();
    const texts = { key: serdes.string, value: serdes.string };
    builder.stream<string, string>(busy, texts).merge(builder.stream<string, string>(calm, texts)).to(output, texts);
    await cluster.produceAll(busy, [row('busy at 50', 50)]);
    await cluster.start(builder.build(), { maxTaskIdleMs: 60_000 });
    await cluster.produceAll(calm, [row('calm at 10', 10), row('calm at 60', 60)]);
    const values = (await cluster.read(output, 2)).map(({ value }) => value?.toString());
    expect(values).toEqual(['calm at 10', 'busy at 50']);
  });

  test('a coordinator that is away for the task timeout ends the application, naming the setting', async () => {
    const kafka = { brokers: [broker.address], clientId: 'app' };
    const { streams, send } = await counting({ taskTimeoutMs: 500, kafka });
    hooks.push(
      broker.control.fail(offsetCommitApi.key, { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, times: 1e9 }),
    );
    await send();
    await eventually(() => streams.state === 'ERROR', 'the end');
    expect(streams.error).toMatchObject({ code: 'STREAMS_TIMEOUT' });
    expect(String(streams.error)).toMatch(/no commit within taskTimeoutMs \(500\)/);
  });

  test('a session that the broker does not take was an error without the setting’s name', async () => {
    const [input, output] = [await cluster.topic('in', 1), await cluster.topic('out', 1)];
    const { streams } = await cluster.prepare(countTopology(input, output), {
      sessionTimeoutMs: 1_000,
      heartbeatIntervalMs: 100,
    });
    await expect(streams.start()).rejects.toMatchObject({
      code: 'STREAMS_CONFIG',
      message: expect.stringMatching(/^sessionTimeoutMs is 1000; allowed: the brokers' group.min.session.timeout.ms/),
    });
  });

  test('a broker that is away at the start was waited for without a word', async () => {
    const warnings: object[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      warn: (fields: object) => warnings.push(fields),
      error: () => {},
    };
    const { streams } = await cluster.prepare(countTopology('in', 'out'), {
      kafka: { brokers: ['127.0.0.1:1'], clientId: 'app' },
      taskTimeoutMs: 300,
      logger,
    });
    await expect(streams.start()).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    expect(warnings).toMatchObject([{ broker: '127.0.0.1:1', reason: 'CONNECTION_FAILED' }]);
  });

  test('closing takes no longer than it may, even while the broker is away', async () => {
    const { input, output, streams } = await counting();
    const drop = { action: 'drop', afterHandling: false } as const;
    const dropOutput = (request: unknown) => (isFor(request, output) ? drop : undefined);
    hooks.push(broker.control.intercept(produceApi.key, dropOutput));
    hooks.push(broker.control.intercept(offsetCommitApi.key, () => drop));
    await cluster.produce(input, 'a', 'x');
    await eventually(() => metric(streams, 'process-total') > 0, 'the record');
    await streams.close({ timeoutMs: 500 });
    expect(streams.state).toBe('NOT_RUNNING');
  });
});

const row = (value: string, timestamp: number) => ({ key: 'a', value, timestamp, partition: 0 });

/** The offset from which a fetch request reads the first partition of a topic; -1: it does not. */
function fetchesFrom(request: unknown, topic: string): number {
  const { topics } = request as {
    topics: readonly { topic: string; partitions: readonly { fetchOffset: number }[] }[];
  };
  return topics.find((each) => each.topic === topic)?.partitions[0]?.fetchOffset ?? -1;
}

/** Whether a produce request has records for a topic. */
function isFor(request: unknown, topic: string): boolean {
  const { topicData } = request as { topicData: readonly { name: string }[] };
  return topicData.some(({ name }) => name === topic);
}

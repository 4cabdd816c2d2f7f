import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { ErrorCode, offsetCommitApi, produceApi, RecordCursor } from '@playhead/kafka-protocol';
import { deadLetterOnError, serdes, StreamsBuilder } from '@playhead/stream-core';
import type { BrokerError } from '../../src/kafka/errors.ts';
import { Fetcher } from '../../src/kafka/fetcher.ts';
import { GroupAdmin } from '../../src/kafka/group-admin.ts';
import { readHeaders } from '../../src/kafka/read-headers.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest, type PlacedRecord } from './cluster-under-test.ts';

const texts = { key: serdes.string, value: serdes.string };
const LARGE = 'x'.repeat(4_000);
const VALUES = Array.from({ length: 30 }, (_, at) => (at === 11 ? LARGE : `value ${at}`));

/** The output's topic takes batches of 2,000 bytes (500 where only those are sent that fit): all values but one fit, some at a time. */
describe('output that the broker refuses', () => {
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

  async function scene(sent = VALUES): Promise<{ input: string; output: string; topology: Topology }> {
    const input = await cluster.topic('in', 1);
    const output = await cluster.topic('out', 1, { 'max.message.bytes': sent === VALUES ? '2000' : '500' });
    const rows: PlacedRecord[] = sent.map((value, at) => ({
      key: `k${at}`,
      value,
      timestamp: 1_000 + at,
      partition: 0,
      headers: [{ key: 'at', value: Buffer.from(String(at)) }],
    }));
    await cluster.produceAll(input, rows);
    const builder = new StreamsBuilder();
    builder.stream<string, string>(input, texts).to(output, texts);
    return { input, output, topology: builder.build() };
  }

  /** Values of the only partition, in order. */
  const values = async (topic: string, count: number): Promise<(string | undefined)[]> =>
    (await cluster.read(topic, count)).map(({ value }) => value?.toString());

  test('leaves a dead letter with bytes and headers of its source, and takes nothing else of the batch with it', async () => {
    const { input, output, topology } = await scene();
    const letters = `${input}.dead-letter`;
    const events: string[] = [];
    hooks.push(
      broker.control.intercept(produceApi.key, (request) => {
        const { topicData } = request as { topicData: readonly { name: string }[] };
        if (!topicData.some(({ name }) => name === letters)) return undefined;
        events.push('letter');
        return events.length < 3 ? { action: 'fail', errorCode: ErrorCode.NOT_ENOUGH_REPLICAS } : undefined;
      }),
      broker.control.intercept(offsetCommitApi.key, () => {
        events.push('commit');
        return undefined;
      }),
    );
    const { streams } = await cluster.start(topology, { handlers: { production: deadLetterOnError } });
    expect(await values(output, VALUES.length - 1)).toEqual(VALUES.filter((value) => value !== LARGE));
    const [letter] = await cluster.read(letters, 1);
    expect([letter?.key, letter?.value?.toString(), letter?.timestamp]).toEqual(['k11', LARGE, 1_011]);
    expect(await headersOf(letters)).toEqual([
      'at=11',
      '__streams.errors.exception=BrokerError',
      expect.stringContaining('__streams.errors.stacktrace=BrokerError'),
      `__streams.errors.message=produce of ${output}-0: MESSAGE_TOO_LARGE (10)`,
      `__streams.errors.topic=${input}`,
      '__streams.errors.partition=0',
      '__streams.errors.offset=11',
    ]);
    await eventually(() => streams.tasks().every(({ committed }) => committed), 'the commit');
    expect(events.slice(0, 4)).toEqual(['letter', 'letter', 'letter', 'commit']);
    const counted = new Map(
      [...streams.metrics()].map(({ name, labels, value }) => [name + (labels['reason'] ?? ''), value]),
    );
    expect([counted.get('dead-letter-total'), counted.get('dropped-records-totalproduction-error')]).toEqual([1, 1]);
  }, 60_000);

  test('continue leaves out the record that is too large, and no other', async () => {
    const { output, topology } = await scene();
    await cluster.start(topology, { handlers: { production: () => 'continue' } });
    expect(await values(output, VALUES.length - 1)).toEqual(VALUES.filter((value) => value !== LARGE));
  }, 60_000);

  test('a topic that may not be written leaves a dead letter of each record', async () => {
    const { input, output, topology } = await scene();
    hooks.push(
      broker.control.intercept(produceApi.key, (request) => {
        const { topicData } = request as { topicData: readonly { name: string }[] };
        const isOutput = topicData.some(({ name }) => name === output);
        return isOutput ? { action: 'fail', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED } : undefined;
      }),
    );
    await cluster.start(topology, { handlers: { production: deadLetterOnError } });
    expect(await values(`${input}.dead-letter`, VALUES.length)).toEqual(VALUES);
  }, 60_000);

  test('retry goes on for as long as it takes with what is not taken in time, in its order', async () => {
    const { output, topology } = await scene();
    const tried: string[] = [];
    const away = broker.control.intercept(produceApi.key, (request) => {
      const { topicData } = request as { topicData: readonly { name: string }[] };
      const isOutput = topicData.some(({ name }) => name === output);
      return isOutput ? { action: 'fail', errorCode: ErrorCode.NOT_ENOUGH_REPLICAS } : undefined;
    });
    const { streams } = await cluster.start(topology, {
      kafka: { brokers: [broker.address], clientId: 'app', retryTimeoutMs: 300 },
      producer: { lingerMs: 0, maxBatchBytes: 1_000 },
      handlers: {
        production: ({ isRetriable, output: { topic }, error }) => {
          if (!isRetriable) return 'continue';
          tried.push(`${topic} ${(error as BrokerError).reason}`);
          if (tried.length >= 2) away();
          return 'retry';
        },
      },
    });
    expect(await values(output, VALUES.length - 1)).toEqual(VALUES.filter((value) => value !== LARGE));
    expect(tried.length).toBeGreaterThanOrEqual(2);
    expect(new Set(tried)).toEqual(new Set([`${output} DELIVERY_TIMED_OUT`]));
    await eventually(() => streams.tasks().every(({ committed }) => committed), 'the commit');
    expect(streams.state).toBe('RUNNING');
  }, 60_000);

  test('fail ends the application, and nothing is committed', async () => {
    const { topology } = await scene();
    let commits = 0;
    hooks.push(broker.control.intercept(offsetCommitApi.key, () => void commits++));
    const { streams } = await cluster.prepare(topology);
    await streams.start().catch(() => undefined);
    await eventually(() => streams.state === 'ERROR', 'the state ERROR');
    expect([streams.error, commits]).toEqual([expect.objectContaining({ reason: 'MESSAGE_TOO_LARGE' }), 0]);
  }, 60_000);

  test.each([deadLetterOnError, () => 'continue' as const])(
    'a letter of a record that could not be read was lost when it was refused (%#)',
    async (production) => {
      const input = await cluster.topic('in', 1);
      const output = await cluster.topic('out', 1);
      const row = { key: 'k', value: 'no JSON', timestamp: 1_000, partition: 0 };
      await cluster.produceAll(input, [row]);
      let commits = 0;
      hooks.push(
        broker.control.intercept(offsetCommitApi.key, () => void commits++),
        broker.control.intercept(produceApi.key, (request) => {
          const { topicData } = request as { topicData: readonly { name: string }[] };
          const isLetter = topicData.some(({ name }) => name === `${input}.dead-letter`);
          return isLetter ? { action: 'fail', errorCode: ErrorCode.MESSAGE_TOO_LARGE } : undefined;
        }),
      );
      const builder = new StreamsBuilder();
      const json = { key: serdes.string, value: serdes.json<string>() };
      builder.stream(input, json).to(output, json);
      const handlers = { deserialization: deadLetterOnError, production };
      const { streams } = await cluster.prepare(builder.build(), { handlers });
      await streams.start().catch(() => undefined);
      await eventually(() => streams.state === 'ERROR', 'the state ERROR');
      expect(String(streams.error)).toContain('a dead letter was refused');
      expect(commits).toBe(0);
    },
    60_000,
  );

  test('under exactly_once it ends the application whatever the handler says, and no offset is committed', async () => {
    const { topology } = await scene();
    const { streams } = await cluster.prepare(topology, {
      processingGuarantee: 'exactly_once',
      handlers: { production: deadLetterOnError },
    });
    await streams.start().catch(() => undefined);
    await eventually(() => streams.state === 'ERROR', 'the state ERROR');
    expect(String(streams.error)).toContain('under exactly_once output cannot be left out of a transaction');
    expect(await new GroupAdmin(cluster.client, cluster.applicationId).offsets()).toEqual([]);
  }, 60_000);

  test('under exactly_once a batch that is larger than its topic takes ended the application, though each of its records fits', async () => {
    const { output, topology } = await scene(VALUES.filter((value) => value !== LARGE));
    await cluster.start(topology, { processingGuarantee: 'exactly_once' });
    const records = await cluster.read(output, VALUES.length - 1, 20_000, 'read_committed');
    expect(records.map(({ value }) => value?.toString())).toEqual(VALUES.filter((value) => value !== LARGE));
  }, 60_000);

  /** Of the first record of a topic, as text. */
  async function headersOf(topic: string): Promise<string[]> {
    const fetcher = new Fetcher(cluster.client, { maxWaitMs: 100 });
    fetcher.add([{ topic, partition: 0, offset: 0 }]);
    try {
      await fetcher.waitForData(5_000);
      const cursor = new RecordCursor().reset(fetcher.poll()[0]!.records);
      cursor.nextBatch();
      cursor.next();
      return readHeaders(cursor).map(({ key, value }) => `${key}=${Buffer.from(value ?? []).toString()}`);
    } finally {
      await fetcher.close();
    }
  }
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fetchApi } from '@playhead/kafka-protocol';
import { parseBrokerAddress } from '../../src/kafka/broker-address.ts';
import { FetchLoops } from '../../src/kafka/fetch-loops.ts';
import { FetchPartition } from '../../src/kafka/fetch-partition.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let loops: FetchLoops;

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
});

afterEach(async () => {
  await loops.close();
  await client.close();
  await broker.close();
});

/** Partitions of each fetch request so far, in order. */
const asked = (): number[][] =>
  broker
    .received(fetchApi)
    .map(({ body }) =>
      (body as { topics: { partitions: { partition: number }[] }[] }).topics.flatMap(({ partitions }) =>
        partitions.map(({ partition }) => partition),
      ),
    );

const limits = {
  isolationLevel: 0,
  maxWaitMs: 1_000,
  maxPartitionBytes: 2 ** 20,
  maxResponseBytes: 2 ** 23,
  maxBufferedPartitionBytes: 2 ** 21,
} as const;

test('an error in the middle of an answer gave partitions back that the other lane had claimed meanwhile', async () => {
  let answers = 0;
  broker.on(fetchApi, ({ topics }) => {
    if (answers++ > 0) return Fault.NO_ANSWER;
    return {
      errorCode: 0,
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({
          partitionIndex: partition,
          errorCode: 0,
          highWatermark: 1,
          lastStableOffset: 1,
          logStartOffset: 0,
          // More than is looked through in a turn of the event loop.
          records: Buffer.alloc(600 * 1024),
        })),
      })),
    };
  });
  const failures: { partitions: number[]; error: unknown }[] = [];
  const broken = new Error('the second one cannot be taken');
  loops = new FetchLoops(client.cluster, limits, {
    mayFetch: () => true,
    answered: (leader, { partition }) => {
      if (partition === 1) throw broken;
      // The first one may be fetched again: the other lane takes it.
      leader.wake();
    },
    failed: (leader, partitions, error) => {
      failures.push({ partitions: partitions.map(({ partition }) => partition), error });
      for (const partition of partitions) leader.remove(partition);
    },
  });
  const partitions = [0, 1, 2].map((partition) => new FetchPartition({ topic: 't', partition, offset: 0 }));
  const leader = loops.leaderAt(parseBrokerAddress(broker.address));
  for (const partition of partitions) leader.add(partition);
  await until('the second request', () => broker.received(fetchApi).length > 1);
  await until('the failure', () => failures.length > 0);
  expect(failures).toEqual([{ partitions: [1, 2], error: broken }]);
  expect(partitions.map(({ inFlight }) => inFlight)).toEqual([true, false, false]);
  expect(asked()).toEqual([[0, 1, 2], [0]]);
});

test('lanes that had shared the partitions once shared them for good, with twice the requests', async () => {
  const { promise: apart, resolve: areApart } = Promise.withResolvers<void>();
  broker.on(fetchApi, async () => {
    await apart;
    return { errorCode: 0, responses: [] };
  });
  loops = new FetchLoops(client.cluster, limits, {
    mayFetch: () => true,
    answered: () => undefined,
    failed: (_leader, _partitions, error) => {
      throw error;
    },
  });
  const leader = loops.leaderAt(parseBrokerAddress(broker.address));
  const [first, ...later] = [0, 1, 2].map((partition) => new FetchPartition({ topic: 't', partition, offset: 0 }));
  leader.add(first!);
  await until('a request for the first one', () => asked().length === 1);
  for (const partition of later) leader.add(partition);
  await until('a request for the others', () => asked().length === 2);
  expect(asked()).toEqual([[0], [1, 2]]);
  areApart();
  const together = await until('a request for all of them', () => {
    const at = asked().findIndex((partitions) => partitions.length === 3);
    return at < 0 ? undefined : at;
  });
  await until('some more requests', () => asked().length > together + 20);
  expect(
    new Set(
      asked()
        .slice(together)
        .map((partitions) => partitions.length),
    ),
  ).toEqual(new Set([3]));
});

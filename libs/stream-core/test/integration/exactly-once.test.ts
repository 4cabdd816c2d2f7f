import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { endTxnApi, ErrorCode, txnOffsetCommitApi } from '@playhead/kafka-protocol';
import { serdes, StreamsBuilder } from '@playhead/stream-core';
import { TransactionalProducer } from '../../src/kafka/transactional-producer.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';
import { exactlyOnceSuite } from './exactly-once-suite.ts';

describe('with the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  exactlyOnceSuite(
    'the embedded broker',
    () => [broker.address],
    (count) => {
      // Every other one: those in between have to go through.
      for (let i = 0; i < count; i++)
        broker.control.fail(txnOffsetCommitApi.key, { nth: 2 * i + 1, errorCode: ErrorCode.INVALID_TXN_STATE });
    },
  );

  const EXACTLY_ONCE = { processingGuarantee: 'exactly_once', commitIntervalMs: 20 } as const;

  test('the start waited for a predecessor’s pending offsets until its transaction timed out, because its name was asked for behind them', async () => {
    const cluster = new ClusterUnderTest([broker.address]);
    try {
      const [input, output] = [await cluster.topic('in', 1), await cluster.topic('out', 1)];
      // The transaction may stay open for longer than the test.
      const config = { ...EXACTLY_ONCE, transactionTimeoutMs: 600_000, sessionTimeoutMs: 6_000 };
      const died = await cluster.start(countTopology(input, output), config);
      await cluster.produce(input, 'a', 'x');
      await cluster.read(output, 1, 20_000, 'read_committed');
      let undecided = 0;
      const remove = broker.control.intercept(endTxnApi.key, () => {
        undecided++;
        return { action: 'drop', afterHandling: false };
      });
      await cluster.produce(input, 'a', 'x');
      await eventually(() => undecided > 0, 'offsets whose transaction nobody ends');
      await died.streams.close({ timeoutMs: 1 });
      remove();
      await cluster.start(countTopology(input, output), config);
      await cluster.produce(input, 'a', 'x');
      const counts = await cluster.read(output, 3, 30_000, 'read_committed');
      expect(counts.map(({ value }) => Number(value?.readBigInt64BE(0)))).toEqual([1, 2, 3]);
    } finally {
      await cluster.close();
    }
  }, 60_000);

  test('somebody’s open transaction in an input and in a global table’s topic held up the start and caughtUp', async () => {
    const cluster = new ClusterUnderTest([broker.address]);
    const foreign = new TransactionalProducer(cluster.client, { transactionalId: `${cluster.applicationId}-foreign` });
    try {
      const [input, table, output] = [
        await cluster.topic('in', 1),
        await cluster.topic('table', 1),
        await cluster.topic('out', 1),
      ];
      await cluster.produce(input, 'a', 'x');
      await cluster.produce(table, 'x', 'title');
      await foreign.begin();
      for (const topic of [input, table]) foreign.append(topic, 0, 1, Buffer.from('b'), Buffer.from('y'));
      const ends = () =>
        cluster.client.listOffsets(
          [input, table].map((topic) => ({ topic, partition: 0 })),
          'latest',
        );
      while ((await ends()).some(({ offset }) => offset < 2)) await new Promise(setImmediate);
      const builder = new StreamsBuilder();
      const texts = { key: serdes.string, value: serdes.string };
      const titles = builder.globalTable<string, string>(table, texts);
      builder
        .stream<string, string>(input, texts)
        .joinGlobal(
          titles,
          (value) => value,
          (_, title) => title,
        )
        .to(output, texts);
      const { streams } = await cluster.start(builder.build(), EXACTLY_ONCE);
      await streams.caughtUp();
      expect((await cluster.read(output, 1, 20_000, 'read_committed')).map(({ value }) => String(value))).toEqual([
        'title',
      ]);
      await foreign.commit();
      const both = await cluster.read(output, 1, 20_000, 'read_committed');
      expect(both.map(({ key }) => key)).toEqual(['a']);
    } finally {
      await foreign.close();
      await cluster.close();
    }
  }, 60_000);
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('exactly_once on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  exactlyOnceSuite('Apache Kafka', () => [real]);
}

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { addPartitionsToTxnApi, endTxnApi, ErrorCode, initProducerIdApi, produceApi } from '@playhead/kafka-protocol';
import type { AnyApi } from '@playhead/kafka-protocol';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { TransactionalProducer } from '../../src/kafka/transactional-producer.ts';
import { until } from './support/deadline.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';
import { transactionSuite } from './support/transaction-suite.ts';

describe('transactions on the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  transactionSuite(
    () => broker.address,
    () => broker.restart(),
  );
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('transactions on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  describe('transactions on Apache Kafka', () => {
    transactionSuite(() => real);
  });
}

describe('a transactional producer that is closed in the middle of a transaction', () => {
  let broker: ScriptedBroker;
  let client: KafkaClient;
  let producer: TransactionalProducer;

  beforeEach(async () => {
    broker = await ScriptedBroker.start();
    broker.topics.set('t', 1);
    broker.on(initProducerIdApi, ({ producerEpoch }) => ({
      errorCode: 0,
      producerId: 7,
      producerEpoch: producerEpoch + 1,
    }));
    broker.on(addPartitionsToTxnApi, () => ({
      resultsByTopic: [{ name: 't', resultsByPartition: [{ partitionIndex: 0, partitionErrorCode: 0 }] }],
    }));
    broker.on(produceApi, () => Fault.NO_ANSWER);
    broker.on(endTxnApi, () => ({ errorCode: 0 }));
    client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
    producer = new TransactionalProducer(client, { transactionalId: 'x', lingerMs: 0 });
    await producer.begin();
    producer.append('t', 0, 0, null, Buffer.from('v'));
  });

  afterEach(async () => {
    await producer.close();
    await client.close();
    await broker.close();
  });

  const received = (api: AnyApi): number => broker.requests.filter(({ api: name }) => name === api.name).length;

  test('takes the next epoch: a batch that is still on its way cannot land behind the abort', async () => {
    await until('the batch is on its way', () => received(produceApi) > 0);
    await producer.close();
    expect(received(endTxnApi)).toBe(0);
    expect(broker.requests.at(-1)).toMatchObject({
      api: 'InitProducerId',
      body: { transactionalId: 'x', producerId: 7, producerEpoch: 0 },
    });
  });

  test('aborts a transaction also while nobody knows whether it has begun', async () => {
    broker.on(addPartitionsToTxnApi, () => Fault.NO_ANSWER);
    await until('the transaction may have begun', () => received(addPartitionsToTxnApi) > 0);
    await producer.close();
    expect(received(initProducerIdApi)).toBe(2);
  });

  test('waits two seconds at most for a coordinator that does not answer', async () => {
    await until('the batch is on its way', () => received(produceApi) > 0);
    broker.on(initProducerIdApi, () => Fault.NO_ANSWER);
    await producer.close();
    expect(received(initProducerIdApi)).toBe(2);
  });

  test('a commit that is given up while it is tried again says that, not that the client was closed', async () => {
    broker.on(produceApi, () => ({
      responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0 }] }],
    }));
    broker.on(endTxnApi, () => ({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }));
    const committing = producer.commit().catch((error: unknown) => error);
    await until('the commit is tried again', () => received(endTxnApi) > 1);
    await producer.abort();
    expect(await committing).toMatchObject({ reason: 'TRANSACTION_ABORTED' });
  });

  test('asks nobody when everything is committed', async () => {
    broker.on(produceApi, () => ({
      responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0 }] }],
    }));
    await producer.commit();
    await producer.close();
    expect([received(initProducerIdApi), received(endTxnApi)]).toEqual([1, 1]);
  });
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { initProducerIdApi, produceApi, RecordCursor } from '@playhead/kafka-protocol';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { createStreamsProducer } from '../../src/runtime/streams-producer.ts';
import type { StreamsProducer } from '../../src/runtime/streams-producer.ts';
import { until } from '../kafka/support/deadline.ts';
import { Fault, ScriptedBroker } from '../kafka/support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let producer: StreamsProducer;
let isSessionOver: boolean;
/** Values in the order of arrival, with the producer id that wrote them. */
let written: string[];
let failed: unknown[];

beforeEach(async () => {
  [isSessionOver, written, failed] = [false, [], []];
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 1);
  let producerId = 0;
  broker.on(initProducerIdApi, () => ({ errorCode: 0, producerId: ++producerId, producerEpoch: 0 }));
  broker.on(produceApi, ({ topicData }) => {
    const cursor = new RecordCursor().reset(topicData[0]?.partitionData[0]?.records ?? Buffer.alloc(0));
    while (cursor.nextBatch())
      while (cursor.next())
        written.push(`${cursor.producerId}: ${cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd)}`);
    return { responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0 }] }] };
  });
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  producer = createStreamsProducer(client, {
    guarantee: 'at_least_once',
    transactionalId: 'unused',
    lingerMs: 0,
    mayWrite: () => !isSessionOver,
    onRefused: (_, error) => {
      failed.push(error);
      return { fail: error };
    },
  });
});

afterEach(async () => {
  await producer.close(0).catch(() => undefined);
  await client.close();
  await broker.close();
});

const append = (value: string): unknown => producer.append('t', 0, 0, null, Buffer.from(value));

test('at_least_once: an instance that stood still for longer than its session wrote over what its successor had written', async () => {
  append('in time');
  await until('it is written', () => written.length === 1);
  isSessionOver = true;
  append('of a task that is lost');
  // As after SIGCONT: the loss is noticed only after the loop has had a turn.
  await new Promise((resolve) => setImmediate(resolve));
  await producer.abort();
  isSessionOver = false;
  append('of the next generation');
  await until('the next one is written', () => written.length > 1);
  expect(written).toEqual(['1: in time', '2: of the next generation']);
  expect(failed).toEqual([]);
});

test('at_least_once: what waits is written when the session turns out not to be over', async () => {
  isSessionOver = true;
  append('late');
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual([]);
  isSessionOver = false;
  await until('it is written', () => written.length === 1);
  expect(written).toEqual(['1: late']);
});

test('at_least_once: a batch without an answer was sent again after its task had gone to somebody else', async () => {
  broker.on(produceApi, () => Fault.NO_ANSWER);
  append('unanswered');
  await until('it is on its way', () => broker.received(produceApi).length === 1);
  await producer.abort();
  expect(producer.bufferedBytes).toBe(0);
  append('of the next generation');
  await until('the next one is on its way', () => broker.received(produceApi).length === 2);
  expect(failed).toEqual([]);
});

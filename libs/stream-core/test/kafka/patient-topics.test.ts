import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { produceApi } from '@playhead/kafka-protocol';
import { BatchProducer } from '../../src/kafka/batch-producer.ts';
import type { BatchProducerOptions } from '../../src/kafka/batch-producer-options.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { IdempotentLog } from './support/idempotent-log.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let producer: BatchProducer;
let logs: ReadonlyMap<string, IdempotentLog>;

/** The topics of each request since `from`. */
const requestsSince = (from: number): string[][] =>
  broker
    .received(produceApi)
    .slice(from)
    .map(({ body }) => {
      const { topicData } = body as { topicData: { name: string }[] };
      return topicData.map(({ name }) => name).sort();
    });

function start(patienceMs: number, options: BatchProducerOptions = {}): void {
  const patientTopics = new Set(['changelog']);
  producer = new BatchProducer(client, { lingerMs: 0, patientTopics, patienceMs, ...options });
}

function append(topic: string, value: string): void {
  producer.append(topic, 0, 1, null, Buffer.from(value));
}

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  logs = new Map([
    ['changelog', new IdempotentLog()],
    ['output', new IdempotentLog()],
  ]);
  for (const topic of logs.keys()) broker.topics.set(topic, 1);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
  broker.on(produceApi, ({ topicData }) => ({
    responses: topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => ({
        index,
        ...logs.get(name)!.append(records ?? Buffer.alloc(0)),
      })),
    })),
  }));
});

afterEach(async () => {
  await producer.close(0).catch(() => undefined);
  await client.close();
  await broker.close();
});

describe('records that nobody waits for', () => {
  test('made every request larger when they left with what somebody waits for', async () => {
    start(60_000);
    append('output', 'first');
    append('changelog', 'a');
    await producer.flush();
    const before = requestsSince(0).length;
    append('changelog', 'b');
    append('output', 'second');
    await until('the output is there', () => logs.get('output')!.values.length === 2);
    append('changelog', 'c');
    append('output', 'third');
    await until('the output is there', () => logs.get('output')!.values.length === 3);
    await producer.flush();
    expect(requestsSince(before)).toEqual([['output'], ['output'], ['changelog']]);
    expect(logs.get('changelog')!.values).toEqual(['a', 'b', 'c']);
  });

  test('leave in a batch that is full', async () => {
    start(60_000, { maxBatchBytes: 100 });
    append('changelog', 'a'.repeat(100));
    await until('it is acknowledged', () => producer.acknowledged === 1);
    expect(logs.get('changelog')!.values).toEqual(['a'.repeat(100)]);
  });

  test('leave when a flush, or somebody in a hurry, asks for it', async () => {
    start(60_000);
    append('changelog', 'a');
    await producer.flush();
    append('changelog', 'b');
    producer.hurry();
    await until('everything is acknowledged', () => producer.acknowledged === producer.position);
    expect(logs.get('changelog')!.values).toEqual(['a', 'b']);
  });

  test('leave alone when their time has come, all of it in one request', async () => {
    start(500);
    append('changelog', 'a');
    await producer.flush();
    append('changelog', 'b');
    // A turn of the event loop later, where a record of another topic would have left.
    await new Promise((resolve) => setImmediate(resolve));
    append('changelog', 'c');
    await until('everything is acknowledged', () => producer.acknowledged === producer.position);
    expect(requestsSince(1)).toEqual([['changelog']]);
    expect(logs.get('changelog')!.values).toEqual(['a', 'b', 'c']);
  });
});

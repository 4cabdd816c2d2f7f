import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { metadataApi, produceApi } from '@playhead/kafka-protocol';
import { SerdeError } from '../../src/errors.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { partitionForKey } from '../../src/processor/partitioner.ts';
import { RecordProducer } from '../../src/kafka/record-producer.ts';
import type { RecordProducerOptions } from '../../src/kafka/record-producer.ts';
import type { Serde, SerdeContext } from '../../src/serde/serde.ts';
import type { Topic } from '../../src/topology/topic.ts';
import { IdempotentLog } from './support/idempotent-log.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

const text: Serde<string> = {
  open: () => ({ serialize: (value) => Buffer.from(value), deserialize: (bytes) => Buffer.from(bytes).toString() }),
};

let broker: ScriptedBroker;
let client: KafkaClient;
let producers: RecordProducer[];
let logs: IdempotentLog[];

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 8);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  producers = [];
  logs = Array.from({ length: 8 }, () => new IdempotentLog());
  broker.on(produceApi, ({ topicData }) => ({
    responses: topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => ({
        index,
        ...logs[index]!.append(records ?? Buffer.alloc(0)),
      })),
    })),
  }));
});

afterEach(async () => {
  for (const producer of producers) await producer.close(0);
  await client.close();
  await broker.close();
});

function makeProducer(options: RecordProducerOptions = {}): RecordProducer {
  const producer = new RecordProducer(client, options);
  producers.push(producer);
  return producer;
}

const topic: Topic<string, string> = { name: 't', key: text, value: text };

describe('a RecordProducer', () => {
  test('sends by the key’s murmur2, or by the part of the key that the topic names', async () => {
    const producer = makeProducer();
    const byAccount = { ...topic, partitionKey: (key: string) => key.split('/')[0] ?? '' };
    expect((await producer.send({ topic, key: 'account/session-1', value: 'v' })).partition).toBe(
      partitionForKey(Buffer.from('account/session-1'), 8),
    );
    expect((await producer.send({ topic: byAccount, key: 'account/session-1', value: 'v' })).partition).toBe(
      partitionForKey(Buffer.from('account'), 8),
    );
    expect((await producer.send({ topic, key: 'account/session-1', value: 'v', partition: 3 })).partition).toBe(3);
  });

  test('deals records without a key out to all partitions', async () => {
    const producer = makeProducer();
    const sent = await Promise.all(
      Array.from({ length: 16 }, () => producer.send({ topic: 't', key: null, value: Buffer.from('v') })),
    );
    expect(sent.map(({ partition }) => partition).sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
  });

  test('keeps the order of sends that came before the topic was known', async () => {
    const producer = makeProducer();
    const sent = ['a', 'b', 'c'].map((value) => producer.send({ topic, key: 'k', value }));
    await sent[0];
    sent.push(producer.send({ topic, key: 'k', value: 'd' }));
    await Promise.all(sent);
    expect(logs.flatMap(({ values }) => values)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('sends many in their order, each by its own key, and tells the place of the last', async () => {
    const producer = makeProducer();
    const keys = ['a', 'a', 'c', 'a', 'c', 'c'];
    const last = await producer.sendAll(
      topic,
      keys.map((key, at) => ({ key, value: `${key}${at}` })),
    );
    const a = partitionForKey(Buffer.from('a'), 8);
    const c = partitionForKey(Buffer.from('c'), 8);
    expect(a).not.toBe(c);
    expect([logs[a]!.values, logs[c]!.values]).toEqual([
      ['a0', 'a1', 'a3'],
      ['c2', 'c4', 'c5'],
    ]);
    expect(last).toEqual({ topic: 't', partition: c, offset: 2 });
    expect((await producer.sendAll(topic, [{ key: 'a', value: 'a6' }])).offset).toBe(3);
  });

  test('tells the place of the last of many that fill several batches', async () => {
    const producer = makeProducer({ maxBatchBytes: 200 });
    const values = Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(50));
    const last = await producer.sendAll(
      topic,
      values.map((value) => ({ key: 'k', value })),
    );
    const partition = partitionForKey(Buffer.from('k'), 8);
    expect(last).toEqual({ topic: 't', partition, offset: 19 });
    expect(logs[partition]!.values).toEqual(values);
    expect(broker.received(produceApi).length).toBeGreaterThan(1);
  });

  test('sends many with one key to the partitions that they name, and those without a key to all', async () => {
    const producer = makeProducer();
    await producer.sendAll(topic, [
      { key: 'a', value: 'first', partition: 1 },
      { key: 'a', value: 'second', partition: 2 },
      { key: 'a', value: 'third' },
    ]);
    expect([logs[1]!.values, logs[2]!.values]).toEqual([['first'], ['second']]);
    expect(logs[partitionForKey(Buffer.from('a'), 8)]!.values).toEqual(['third']);
    await producer.sendAll(
      topic,
      Array.from({ length: 8 }, () => ({ key: null, value: 'dealt' })),
    );
    expect(logs.map(({ values }) => values.filter((value) => value === 'dealt').length)).toEqual(Array(8).fill(1));
  });

  test('of many that are too many, the first are sent and the call rejects; none at all is an error at once', async () => {
    const producer = makeProducer({ maxBufferedBytes: 300 });
    const records = ['first', 'second', 'third'].map((name) => ({ key: 'k', value: name.padEnd(150) }));
    await expect(producer.sendAll(topic, records)).rejects.toMatchObject({ reason: 'BUFFER_FULL' });
    await producer.close();
    expect(logs.flatMap(({ values }) => values.map((value) => value.trim()))).toEqual(['first', 'second']);
    expect(() => producer.sendAll(topic, [])).toThrow(RangeError);
  });

  test('asks for metadata once, in prepare', async () => {
    const producer = makeProducer();
    await producer.prepare([topic]);
    const before = broker.received(metadataApi).length;
    await Promise.all([producer.send({ topic, key: 'k', value: 'v' }), producer.send({ topic, key: 'l', value: 'w' })]);
    // One more when the batch producer looks for the leaders; none for the partition count.
    expect(broker.received(metadataApi).length - before).toBeLessThanOrEqual(1);
  });

  test('opens codecs for their topic and waits until they are ready', async () => {
    const opened: SerdeContext[] = [];
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const slow: Serde<string> = { open: (context) => (opened.push(context), { ...text.open(context), ready }) };
    const schemas = { idOf: async () => 1, schemaOf: async () => '' };
    const sent = makeProducer({ schemas }).send({ topic: { ...topic, value: slow }, key: 'k', value: 'v' });
    await client.partitionsOf(['t']);
    expect(broker.received(produceApi)).toEqual([]);
    resolve();
    await sent;
    expect(opened).toEqual([{ topic: 't', part: 'value', schemas }]);
  });

  test('is not prepared while a codec cannot write, and is once it can', async () => {
    let writeError: SerdeError | undefined = new SerdeError('the registry does not have this schema');
    const unregistered: Serde<string> = {
      open: (context) => ({ ...text.open(context), ready: Promise.resolve(), writeError }),
    };
    const producer = makeProducer();
    const unregisteredTopic = { ...topic, value: unregistered };
    await expect(producer.prepare([unregisteredTopic])).rejects.toThrow('does not have this schema');
    writeError = undefined;
    await producer.prepare([unregisteredTopic]);
    expect((await producer.send({ topic: unregisteredTopic, key: 'k', value: 'v' })).offset).toBe(0);
  });

  test('a value that cannot be written is that send’s own failure', async () => {
    const strict: Serde<string> = {
      open: (context) => ({
        ...text.open(context),
        serialize: (value) => {
          if (value === 'bad') throw new SerdeError('bad value');
          return Buffer.from(value);
        },
      }),
    };
    const producer = makeProducer();
    const strictTopic = { ...topic, value: strict };
    const good = producer.send({ topic: strictTopic, key: 'k', value: 'good' });
    await expect(producer.send({ topic: strictTopic, key: 'k', value: 'bad' })).rejects.toThrow(SerdeError);
    expect((await good).offset).toBe(0);
  });

  test('refuses a send when too much waits for Kafka already', async () => {
    broker.on(produceApi, () => Fault.NO_ANSWER);
    const producer = makeProducer({ maxBufferedBytes: 1_000 });
    await producer.prepare([topic]);
    const waiting = producer.send({ topic, key: 'k', value: 'x'.repeat(2_000) });
    await expect(producer.send({ topic, key: 'k', value: 'v' })).rejects.toMatchObject({
      reason: 'BUFFER_FULL',
      retriable: true,
    });
    await producer.close(0);
    await expect(waiting).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });

  test('tries a topic that did not exist again with the next send', async () => {
    const producer = makeProducer();
    const late = { ...topic, name: 'late' };
    await expect(producer.send({ topic: late, key: 'k', value: 'v' })).rejects.toThrow('topic late does not exist');
    broker.topics.set('late', 1);
    expect(await producer.send({ topic: late, key: 'k', value: 'v' })).toEqual({
      topic: 'late',
      partition: 0,
      offset: 0,
    });
  });

  test('a send that fails leaves no unhandled rejection and the next one works', async () => {
    const producer = makeProducer();
    await producer.prepare([topic]);
    let codes = [10];
    const inner = logs[partitionForKey(Buffer.from('k'), 8)]!;
    broker.on(produceApi, ({ topicData }) => ({
      responses: topicData.map(({ name, partitionData }) => ({
        name,
        partitionResponses: partitionData.map(({ index, records }) => {
          const [errorCode] = codes.splice(0, 1);
          return errorCode === undefined ? { index, ...inner.append(records!) } : { index, errorCode, baseOffset: -1 };
        }),
      })),
    }));
    const failed = [producer.send({ topic, key: 'k', value: 'a' }), producer.send({ topic, key: 'k', value: 'b' })];
    expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    codes = [];
    expect((await producer.send({ topic, key: 'k', value: 'c' })).offset).toBe(0);
  });
});

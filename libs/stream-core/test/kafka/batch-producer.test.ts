import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { initProducerIdApi, metadataApi, produceApi, RecordCursor } from '@playhead/kafka-protocol';
import { BatchProducer } from '../../src/kafka/batch-producer.ts';
import type { BatchProducerOptions } from '../../src/kafka/batch-producer.ts';
import type { BrokerError } from '../../src/kafka/errors.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { IdempotentLog } from './support/idempotent-log.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let producers: BatchProducer[];
/** By partition of topic `t`. */
let logs: IdempotentLog[];
/** What happens to the next produce requests, one each; after that all goes well. */
let faults: ProduceFault[];

/** An error code answers without a write; `after` writes first. */
type ProduceFault = 'ok' | 'drop' | 'drop after' | number | { readonly after: number };

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 2);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
  producers = [];
  logs = [new IdempotentLog(), new IdempotentLog()];
  faults = [];
  broker.on(produceApi, ({ topicData }) => {
    const fault = faults.shift() ?? 'ok';
    if (fault === 'drop') return Fault.DROP;
    const partitions = topicData.flatMap(({ partitionData }) => partitionData);
    if (typeof fault === 'number')
      return answer(partitions.map(({ index }) => ({ index, errorCode: fault, baseOffset: -1 })));
    const results = partitions.map(({ index, records }) => ({
      index,
      ...logs[index]!.append(records ?? Buffer.alloc(0)),
    }));
    if (fault === 'drop after') return Fault.DROP;
    return answer(
      fault === 'ok' ? results : results.map(({ index }) => ({ index, errorCode: fault.after, baseOffset: -1 })),
    );
  });
});

afterEach(async () => {
  for (const producer of producers) await producer.close(0).catch(() => undefined);
  await client.close();
  await broker.close();
});

function answer(partitionResponses: { index: number; errorCode: number; baseOffset: number }[]) {
  return { responses: [{ name: 't', partitionResponses }] };
}

/** A batch with a value that `isBad` is refused as a whole. */
function refuseBatchesWith(isBad: (value: string) => boolean, errorCode: number): void {
  broker.on(produceApi, ({ topicData }) =>
    answer(
      topicData[0]!.partitionData.map(({ index, records }) => {
        const cursor = new RecordCursor().reset(records!);
        cursor.nextBatch();
        let isRefused = false;
        while (cursor.next()) isRefused ||= isBad(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
        return isRefused ? { index, errorCode, baseOffset: -1 } : { index, ...logs[index]!.append(records!) };
      }),
    ),
  );
}

function makeProducer(options: BatchProducerOptions = {}): BatchProducer {
  const producer = new BatchProducer(client, { lingerMs: 0, ...options });
  producers.push(producer);
  return producer;
}

function append(producer: BatchProducer, value: string, partition = 0): boolean {
  return producer.append('t', partition, 1, null, Buffer.from(value));
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

describe('batching', () => {
  test('writes records of each partition in the order of the appends and counts them', async () => {
    const producer = makeProducer();
    for (const value of numbered(100)) append(producer, value, Number(value) % 2);
    expect([producer.position, producer.acknowledged]).toEqual([100, 0]);
    await producer.flush();
    expect(logs.map(({ values }) => values)).toEqual([
      numbered(100).filter((v) => Number(v) % 2 === 0),
      numbered(100).filter((v) => Number(v) % 2 === 1),
    ]);
    expect([producer.position, producer.acknowledged, producer.bufferedBytes]).toEqual([100, 100, 0]);
  });

  test('puts what is appended in one turn into one request, one batch per partition', async () => {
    const producer = makeProducer();
    append(producer, 'first', 0);
    append(producer, 'first', 1);
    await producer.flush();
    const before = broker.received(produceApi).length;
    for (const value of numbered(10)) append(producer, value, Number(value) % 2);
    await producer.flush();
    expect(broker.received(produceApi)).toHaveLength(before + 1);
  });

  test('starts a new batch before maxBatchBytes would be exceeded, and sends a larger record alone', async () => {
    const producer = makeProducer({ maxBatchBytes: 400 });
    for (const value of ['a'.repeat(150), 'b'.repeat(150), 'c'.repeat(150), 'd'.repeat(1_000)]) append(producer, value);
    await producer.flush();
    const sizes = broker.received(produceApi).map(({ body }) => recordsOf(body).length);
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes.slice(0, 2))).toBeLessThanOrEqual(400);
  });

  test('copies the bytes before append returns', async () => {
    const producer = makeProducer();
    const bytes = Buffer.from('before');
    producer.append('t', 0, 1, bytes, bytes);
    bytes.write('after!');
    await producer.flush();
    expect(logs[0]?.values).toEqual(['before']);
  });

  test('compresses when asked to', async () => {
    const producer = makeProducer({ compression: 'gzip' });
    append(producer, 'x'.repeat(10_000));
    await producer.flush();
    const records = recordsOf(broker.received(produceApi)[0]?.body);
    const cursor = new RecordCursor().reset(records);
    expect([cursor.nextBatch(), cursor.compression]).toEqual([true, 1]);
    expect(gunzipSync(records.subarray(61)).toString()).toContain('x'.repeat(10_000));
    expect(logs[0]?.values).toEqual(['x'.repeat(10_000)]);
  });

  test('keeps at most five batches of a partition in flight once the broker knows the producer', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let isHeld = false;
    broker.on(produceApi, async ({ topicData }) => {
      if (isHeld) await released;
      return answer([{ index: 0, ...logs[0]!.append(topicData[0]!.partitionData[0]!.records!) }]);
    });
    const producer = makeProducer({ maxBatchBytes: 100 });
    append(producer, 'first');
    await producer.flush();
    isHeld = true;
    for (const value of numbered(20)) append(producer, value.repeat(40));
    const flushed = producer.flush();
    await until('five more requests have come in', () => broker.arrived(produceApi) === 6);
    // A round trip on another socket: another one would be here by then.
    await client.partitionsOf(['t']);
    expect(broker.arrived(produceApi)).toBe(6);
    release();
    await flushed;
    expect(logs[0]?.values).toHaveLength(21);
  });

  test('append says when to wait, and drained says when to go on', async () => {
    const producer = makeProducer({ maxBufferedBytes: 500 });
    expect(append(producer, 'x'.repeat(100))).toBe(true);
    expect(append(producer, 'x'.repeat(500))).toBe(false);
    await producer.drained();
    expect(producer.bufferedBytes).toBeLessThan(500);
    expect(append(producer, 'x')).toBe(true);
  });

  test('onProgress hears of acknowledgements, and the mark never passes an unacknowledged record', async () => {
    const marks: number[] = [];
    const producer: BatchProducer = makeProducer({
      maxBatchBytes: 100,
      onProgress: () => marks.push(producer.acknowledged),
    });
    for (const value of numbered(10)) append(producer, value.repeat(30), Number(value) % 2);
    await producer.flush();
    expect(marks.at(-1)).toBe(10);
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
  });

  test('tells who asked for it where each record came to lie, with one promise per batch', async () => {
    const producer = makeProducer();
    const receipts = numbered(3).map((value) => producer.appendForResult('t', 0, 1, null, Buffer.from(value)));
    expect(new Set(receipts.map(({ baseOffset }) => baseOffset)).size).toBe(1);
    expect(await Promise.all(receipts.map(async ({ baseOffset, index }) => (await baseOffset) + index))).toEqual([
      0, 1, 2,
    ]);
  });
});

describe('recovery', () => {
  test.each<[string, ProduceFault[]]>([
    ['the socket is lost before the write', ['drop']],
    ['the socket is lost after the write', ['drop after']],
    ['the leader has moved', [6, 6, 6]],
    ['replicas are missing after the append', [{ after: 20 }]],
    ['the replicas took too long', [{ after: 7 }]],
    ['the broker is recovering and knows no sequences yet', [45, 45, 45]],
    ['the partition is unknown for a moment', [3, 'drop', 3]],
  ])('every record is there once and in order when %s', async (_what, script) => {
    faults = script;
    const producer = makeProducer({ maxBatchBytes: 150 });
    for (const value of numbered(50)) append(producer, value);
    await producer.flush();
    expect(logs[0]?.values).toEqual(numbered(50));
  });

  test('every record is there once and in order whatever happens to the requests', async () => {
    const fault = fc.oneof(
      fc.constantFrom<ProduceFault>('ok', 'drop', 'drop after', 6, 19, 45),
      fc.constantFrom<ProduceFault>({ after: 7 }, { after: 20 }, { after: 6 }),
    );
    const seed = Number(process.env['FC_SEED'] ?? Date.now() & 0x7fffffff);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 6 }),
        fc.integer({ min: 80, max: 400 }),
        async (script, maxBatchBytes) => {
          logs = [new IdempotentLog(), new IdempotentLog()];
          faults = [...script];
          const producer = makeProducer({ maxBatchBytes });
          for (const value of numbered(40)) append(producer, value, Number(value) % 2);
          await producer.flush();
          expect(logs.flatMap(({ values }) => values)).toEqual([
            ...numbered(40).filter((v) => Number(v) % 2 === 0),
            ...numbered(40).filter((v) => Number(v) % 2 === 1),
          ]);
        },
      ),
      { numRuns: 15, seed },
    );
  }, 60_000);

  test('a second batch overtook the first when the partition’s leader was still being elected', async () => {
    // The first request is refused, the next is not: a partition that has not met the producer takes any sequence.
    faults = [6];
    const producer = makeProducer({ maxBatchBytes: 100 });
    for (const value of numbered(10)) append(producer, value.repeat(40));
    await producer.flush();
    expect(logs[0]?.values).toEqual(numbered(10).map((value) => value.repeat(40)));
  });

  test('a duplicate whose offset the broker no longer knows is an acknowledgement without an offset', async () => {
    faults = [{ after: 46 }];
    const { baseOffset } = makeProducer().appendForResult('t', 0, 1, null, Buffer.from('once'));
    expect(await baseOffset).toBe(-1);
    expect(logs[0]?.values).toEqual(['once']);
  });

  test('goes on under a new producer id when the broker has lost the old one’s state', async () => {
    const producer = makeProducer();
    append(producer, 'before');
    await producer.flush();
    faults = [59];
    append(producer, 'after');
    await producer.flush();
    expect(logs[0]?.values).toEqual(['before', 'after']);
    expect(broker.received(initProducerIdApi)).toHaveLength(2);
  });

  test('a record the broker will never take fails alone: the ones around it are written', async () => {
    const producer = makeProducer({ maxBatchBytes: 150 });
    append(producer, 'first');
    await producer.flush();
    faults = [10];
    const refused = producer.appendForResult('t', 0, 1, null, Buffer.from('x'.repeat(200)));
    append(producer, 'second');
    append(producer, 'third');
    await expect(refused.baseOffset).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    await expect(producer.flush()).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    producer.clearError();
    await producer.flush();
    expect(logs[0]?.values).toEqual(['first', 'second', 'third']);
  });

  test('a record that was refused took its whole batch with it', async () => {
    const seed = Number(process.env['FC_SEED'] ?? Date.now() & 0x7fffffff);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 4 }),
        fc.constantFrom(10, 87),
        async (bad, errorCode) => {
          logs = [new IdempotentLog(), new IdempotentLog()];
          const isBad = (value: string): boolean => bad.includes(Number(value));
          refuseBatchesWith(isBad, errorCode);
          const refused: string[] = [];
          const producer = makeProducer({
            onRefused: (records) => {
              refused.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
              return { write: [] };
            },
          });
          for (const value of numbered(40)) append(producer, value);
          await producer.flush();
          expect([logs[0]?.values, refused.map(Number).toSorted((a, b) => a - b)]).toEqual([
            numbered(40).filter((value) => !isBad(value)),
            bad.toSorted((a, b) => a - b),
          ]);
          expect([producer.acknowledged, producer.bufferedBytes]).toEqual([40, 0]);
        },
      ),
      { numRuns: 15, seed },
    );
  }, 60_000);

  test('what is written in place of a refused record is waited for like the record', async () => {
    refuseBatchesWith((value) => value === 'bad', 10);
    const origin = { sizeInBytes: 1_000 };
    const asked: unknown[] = [];
    const producer = makeProducer({
      onRefused: ([record]) => {
        asked.push(record?.origin);
        return { write: [{ ...record!, topic: 't', partition: 1, origin: undefined, value: Buffer.from('letter') }] };
      },
    });
    for (const value of ['a', 'bad', 'b']) {
      producer.append('t', 0, 1, null, Buffer.from(value), undefined, origin);
    }
    expect(producer.bufferedBytes).toBeGreaterThan(1_000);
    await producer.flush();
    expect(logs.map(({ values }) => values)).toEqual([['a', 'b'], ['letter']]);
    expect([producer.acknowledged, producer.bufferedBytes, asked]).toEqual([4, 0, [origin]]);
  });

  test.each([0, 1])(
    'what was not delivered in time and was to be tried again was given up with %i batches before it that were not',
    async (batches) => {
      let isElected = false;
      broker.on(produceApi, ({ topicData }) => {
        const [{ index, records } = { index: 0, records: null }] = topicData[0]?.partitionData ?? [];
        return answer([isElected ? { index, ...logs[0]!.append(records!) } : { index, errorCode: 6, baseOffset: -1 }]);
      });
      const reasons: string[] = [];
      const leftOut: string[] = [];
      const producer = makeProducer({
        // So long that a busy machine is not asked about more.
        deliveryTimeoutMs: 2_000,
        maxBatchBytes: 100,
        onRefused: (records, error) => {
          reasons.push((error as BrokerError).reason);
          isElected = reasons.length > batches;
          if (isElected) return 'retry';
          leftOut.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
          return { write: [] };
        },
      });
      for (const value of numbered(20)) append(producer, value);
      await producer.flush();
      expect([...leftOut, ...(logs[0]?.values ?? [])]).toEqual(numbered(20));
      expect(leftOut.length > 0).toBe(batches > 0);
      expect(reasons).toEqual(['DELIVERY_TIMED_OUT', 'DELIVERY_TIMED_OUT'].slice(1 - batches));
    },
  );

  test('gives a record up after the delivery timeout and writes the next ones under a new producer id', async () => {
    broker.on(produceApi, () => ({
      responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 7, baseOffset: -1 }] }],
    }));
    const producer = makeProducer({ deliveryTimeoutMs: 2_000 });
    const { baseOffset } = producer.appendForResult('t', 0, 1, null, Buffer.from('lost'));
    const error = (await baseOffset.catch((e: unknown) => e)) as BrokerError;
    expect([error.reason, error.retriable]).toEqual(['DELIVERY_TIMED_OUT', true]);
    broker.on(produceApi, ({ topicData }) =>
      answer([{ index: 0, ...logs[0]!.append(topicData[0]!.partitionData[0]!.records!) }]),
    );
    producer.clearError();
    append(producer, 'next');
    await producer.flush();
    expect(logs[0]?.values).toEqual(['next']);
    expect(broker.received(initProducerIdApi)).toHaveLength(2);
  });

  test('a topic that may not be written fails at once, and nothing is unhandled', async () => {
    broker.on(metadataApi, ({ topics }) => {
      const known = broker.metadata(topics?.map(({ name }) => name ?? '') ?? []);
      return { ...known, topics: known.topics.map((topic) => ({ ...topic, errorCode: 29, partitions: [] })) };
    });
    const producer = makeProducer();
    append(producer, 'x');
    await expect(producer.flush()).rejects.toMatchObject({ reason: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(producer.bufferedBytes).toBe(0);
  });

  test('one leaderless topic holds up no other', async () => {
    broker.topics.set('leaderless', 1);
    broker.on(metadataApi, ({ topics }) =>
      broker.metadata(topics?.map(({ name }) => name ?? '') ?? [], ['leaderless']),
    );
    const producer = makeProducer({ deliveryTimeoutMs: 2_000 });
    const stuck = producer.appendForResult('leaderless', 0, 1, null, Buffer.from('x'));
    const fine = producer.appendForResult('t', 0, 1, null, Buffer.from('y'));
    expect(await fine.baseOffset).toBe(0);
    await expect(stuck.baseOffset).rejects.toMatchObject({ reason: 'DELIVERY_TIMED_OUT' });
  });

  test('survives a broker that is away for a while and says so once', async () => {
    const lines: string[] = [];
    const log = (_fields: object, message: string): void => void lines.push(message);
    const logged = new KafkaClient({
      brokers: [broker.address],
      clientId: 'test',
      logger: { debug: () => undefined, info: log, warn: log, error: log },
    });
    const producer = new BatchProducer(logged, { lingerMs: 0 });
    producers.push(producer);
    append(producer, 'before');
    await producer.flush();
    await broker.close();
    append(producer, 'during');
    await until('the loss is logged', () => lines.includes('broker cannot be reached'));
    await broker.listen();
    await producer.flush();
    expect(logs[0]?.values).toEqual(['before', 'during']);
    expect(lines).toEqual(['broker cannot be reached', 'broker is reachable again']);
    await logged.close();
  });
});

describe('closing', () => {
  test('sends what waits first', async () => {
    const producer = makeProducer({ lingerMs: 60_000 });
    append(producer, 'x');
    await producer.close();
    expect(logs[0]?.values).toEqual(['x']);
    expect(() => append(producer, 'y')).toThrow('after the producer was closed');
  });

  test('fails what cannot be sent in time', async () => {
    broker.on(produceApi, () => Fault.NO_ANSWER);
    const producer = makeProducer();
    const { baseOffset } = producer.appendForResult('t', 0, 1, null, Buffer.from('x'));
    await until('the request is out', () => broker.received(produceApi).length > 0);
    await producer.close(0).catch(() => undefined);
    await expect(baseOffset).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});

function recordsOf(body: unknown): Buffer {
  const { topicData } = body as { topicData: { partitionData: { records: Buffer }[] }[] };
  return topicData[0]?.partitionData[0]?.records ?? Buffer.alloc(0);
}

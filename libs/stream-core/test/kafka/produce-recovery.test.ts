import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initProducerIdApi, metadataApi, produceApi, RecordCursor } from '@playhead/kafka-protocol';
import { BatchProducer } from '../../src/kafka/batch-producer.ts';
import type { BrokerError } from '../../src/kafka/errors.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { IdempotentLog } from './support/idempotent-log.ts';
import { answer, append, numbered, ProducerScene } from './support/producer-scene.ts';
import type { ProduceFault } from './support/producer-scene.ts';

let scene: ProducerScene;

beforeEach(async () => {
  scene = await ProducerScene.start();
});

afterEach(() => scene.close());

/** A batch with a value that `isBad` is refused as a whole. */
function refuseBatchesWith(isBad: (value: string) => boolean, errorCode: number): void {
  scene.broker.on(produceApi, ({ topicData }) =>
    answer(
      topicData[0]!.partitionData.map(({ index, records }) => {
        const cursor = new RecordCursor().reset(records!);
        cursor.nextBatch();
        let isRefused = false;
        while (cursor.next()) isRefused ||= isBad(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
        return isRefused ? { index, errorCode, baseOffset: -1 } : { index, ...scene.logs[index]!.append(records!) };
      }),
    ),
  );
}

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
    scene.faults = script;
    const producer = scene.makeProducer({ maxBatchBytes: 150 });
    for (const value of numbered(50)) append(producer, value);
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(numbered(50));
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
          scene.logs = [new IdempotentLog(), new IdempotentLog()];
          scene.faults = [...script];
          const producer = scene.makeProducer({ maxBatchBytes });
          for (const value of numbered(40)) append(producer, value, Number(value) % 2);
          await producer.flush();
          expect(scene.logs.flatMap(({ values }) => values)).toEqual([
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
    scene.faults = [6];
    const producer = scene.makeProducer({ maxBatchBytes: 100 });
    for (const value of numbered(10)) append(producer, value.repeat(40));
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(numbered(10).map((value) => value.repeat(40)));
  });

  test('a duplicate whose offset the broker no longer knows is an acknowledgement without an offset', async () => {
    scene.faults = [{ after: 46 }];
    const { baseOffset } = scene.makeProducer().appendForResult('t', 0, 1, null, Buffer.from('once'));
    expect(await baseOffset).toBe(-1);
    expect(scene.logs[0]?.values).toEqual(['once']);
  });

  test('goes on under a new producer id when the broker has lost the old one’s state', async () => {
    const producer = scene.makeProducer();
    append(producer, 'before');
    await producer.flush();
    scene.faults = [59];
    append(producer, 'after');
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(['before', 'after']);
    expect(scene.broker.received(initProducerIdApi)).toHaveLength(2);
  });

  test('a record the broker will never take fails alone: the ones around it are written', async () => {
    const producer = scene.makeProducer({ maxBatchBytes: 150 });
    append(producer, 'first');
    await producer.flush();
    scene.faults = [10];
    const refused = producer.appendForResult('t', 0, 1, null, Buffer.from('x'.repeat(200)));
    append(producer, 'second');
    append(producer, 'third');
    await expect(refused.baseOffset).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    await expect(producer.flush()).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    producer.clearError();
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(['first', 'second', 'third']);
  });

  test('a record that was refused took its whole batch with it', async () => {
    const seed = Number(process.env['FC_SEED'] ?? Date.now() & 0x7fffffff);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 4 }),
        fc.constantFrom(10, 87),
        async (bad, errorCode) => {
          scene.logs = [new IdempotentLog(), new IdempotentLog()];
          const isBad = (value: string): boolean => bad.includes(Number(value));
          refuseBatchesWith(isBad, errorCode);
          const refused: string[] = [];
          const producer = scene.makeProducer({
            onRefused: (records) => {
              refused.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
              return { write: [] };
            },
          });
          for (const value of numbered(40)) append(producer, value);
          await producer.flush();
          expect([scene.logs[0]?.values, refused.map(Number).toSorted((a, b) => a - b)]).toEqual([
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
    const producer = scene.makeProducer({
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
    expect(scene.logs.map(({ values }) => values)).toEqual([['a', 'b'], ['letter']]);
    expect([producer.acknowledged, producer.bufferedBytes, asked]).toEqual([4, 0, [origin]]);
  });

  test.each([0, 1])(
    'what was not delivered in time and was to be tried again was given up with %i batches before it that were not',
    async (batches) => {
      let isElected = false;
      scene.broker.on(produceApi, ({ topicData }) => {
        const [{ index, records } = { index: 0, records: null }] = topicData[0]?.partitionData ?? [];
        return answer([
          isElected ? { index, ...scene.logs[0]!.append(records!) } : { index, errorCode: 6, baseOffset: -1 },
        ]);
      });
      const reasons: string[] = [];
      const leftOut: string[] = [];
      const producer = scene.makeProducer({
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
      expect([...leftOut, ...(scene.logs[0]?.values ?? [])]).toEqual(numbered(20));
      expect(leftOut.length > 0).toBe(batches > 0);
      expect(reasons).toEqual(['DELIVERY_TIMED_OUT', 'DELIVERY_TIMED_OUT'].slice(1 - batches));
    },
  );

  test('gives a record up after the delivery timeout and writes the next ones under a new producer id', async () => {
    scene.broker.on(produceApi, () => ({
      responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 7, baseOffset: -1 }] }],
    }));
    const producer = scene.makeProducer({ deliveryTimeoutMs: 2_000 });
    const { baseOffset } = producer.appendForResult('t', 0, 1, null, Buffer.from('lost'));
    const error = (await baseOffset.catch((e: unknown) => e)) as BrokerError;
    expect([error.reason, error.retriable]).toEqual(['DELIVERY_TIMED_OUT', true]);
    scene.broker.on(produceApi, ({ topicData }) =>
      answer([{ index: 0, ...scene.logs[0]!.append(topicData[0]!.partitionData[0]!.records!) }]),
    );
    producer.clearError();
    append(producer, 'next');
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(['next']);
    expect(scene.broker.received(initProducerIdApi)).toHaveLength(2);
  });

  test('a topic that may not be written fails at once, and nothing is unhandled', async () => {
    scene.broker.on(metadataApi, ({ topics }) => {
      const known = scene.broker.metadata(topics?.map(({ name }) => name ?? '') ?? []);
      return { ...known, topics: known.topics.map((topic) => ({ ...topic, errorCode: 29, partitions: [] })) };
    });
    const producer = scene.makeProducer();
    append(producer, 'x');
    await expect(producer.flush()).rejects.toMatchObject({ reason: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(producer.bufferedBytes).toBe(0);
  });

  test('one leaderless topic holds up no other', async () => {
    scene.broker.topics.set('leaderless', 1);
    scene.broker.on(metadataApi, ({ topics }) =>
      scene.broker.metadata(topics?.map(({ name }) => name ?? '') ?? [], ['leaderless']),
    );
    const producer = scene.makeProducer({ deliveryTimeoutMs: 2_000 });
    const stuck = producer.appendForResult('leaderless', 0, 1, null, Buffer.from('x'));
    const fine = producer.appendForResult('t', 0, 1, null, Buffer.from('y'));
    expect(await fine.baseOffset).toBe(0);
    await expect(stuck.baseOffset).rejects.toMatchObject({ reason: 'DELIVERY_TIMED_OUT' });
  });

  test('survives a broker that is away for a while and says so once', async () => {
    const lines: string[] = [];
    const log = (_fields: object, message: string): void => void lines.push(message);
    const logged = new KafkaClient({
      brokers: [scene.broker.address],
      clientId: 'test',
      logger: { debug: () => undefined, info: log, warn: log, error: log },
    });
    const producer = new BatchProducer(logged, { lingerMs: 0 });
    scene.producers.push(producer);
    append(producer, 'before');
    await producer.flush();
    await scene.broker.close();
    append(producer, 'during');
    await until('the loss is logged', () => lines.includes('broker cannot be reached'));
    await scene.broker.listen();
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(['before', 'during']);
    expect(lines).toEqual(['broker cannot be reached', 'broker is reachable again']);
    await logged.close();
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { produceApi, RecordCursor } from '@playhead/kafka-protocol';
import type { BatchProducer } from '../../src/kafka/batch-producer.ts';
import { until } from './support/deadline.ts';
import { answer, append, numbered, ProducerScene } from './support/producer-scene.ts';
import { Fault } from './support/scripted-broker.ts';

let scene: ProducerScene;

beforeEach(async () => {
  scene = await ProducerScene.start();
});

afterEach(() => scene.close());

describe('batching', () => {
  test('writes records of each partition in the order of the appends and counts them', async () => {
    const producer = scene.makeProducer();
    for (const value of numbered(100)) append(producer, value, Number(value) % 2);
    expect([producer.position, producer.acknowledged]).toEqual([100, 0]);
    await producer.flush();
    expect(scene.logs.map(({ values }) => values)).toEqual([
      numbered(100).filter((v) => Number(v) % 2 === 0),
      numbered(100).filter((v) => Number(v) % 2 === 1),
    ]);
    expect([producer.position, producer.acknowledged, producer.bufferedBytes]).toEqual([100, 100, 0]);
  });

  test('puts what is appended in one turn into one request, one batch per partition', async () => {
    const producer = scene.makeProducer();
    append(producer, 'first', 0);
    append(producer, 'first', 1);
    await producer.flush();
    const before = scene.broker.received(produceApi).length;
    for (const value of numbered(10)) append(producer, value, Number(value) % 2);
    await producer.flush();
    expect(scene.broker.received(produceApi)).toHaveLength(before + 1);
  });

  test('starts a new batch before maxBatchBytes would be exceeded, and sends a larger record alone', async () => {
    const producer = scene.makeProducer({ maxBatchBytes: 400 });
    for (const value of ['a'.repeat(150), 'b'.repeat(150), 'c'.repeat(150), 'd'.repeat(1_000)]) append(producer, value);
    await producer.flush();
    const sizes = scene.broker.received(produceApi).map(({ body }) => recordsOf(body).length);
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes.slice(0, 2))).toBeLessThanOrEqual(400);
  });

  test('copies the bytes before append returns', async () => {
    const producer = scene.makeProducer();
    const bytes = Buffer.from('before');
    producer.append('t', 0, 1, bytes, bytes);
    bytes.write('after!');
    await producer.flush();
    expect(scene.logs[0]?.values).toEqual(['before']);
  });

  test('compresses when asked to', async () => {
    const producer = scene.makeProducer({ compression: 'gzip' });
    append(producer, 'x'.repeat(10_000));
    await producer.flush();
    const records = recordsOf(scene.broker.received(produceApi)[0]?.body);
    const cursor = new RecordCursor().reset(records);
    expect([cursor.nextBatch(), cursor.compression]).toEqual([true, 1]);
    expect(gunzipSync(records.subarray(61)).toString()).toContain('x'.repeat(10_000));
    expect(scene.logs[0]?.values).toEqual(['x'.repeat(10_000)]);
  });

  test('keeps at most five batches of a partition in flight once the broker knows the producer', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let isHeld = false;
    scene.broker.on(produceApi, async ({ topicData }) => {
      if (isHeld) await released;
      return answer([{ index: 0, ...scene.logs[0]!.append(topicData[0]!.partitionData[0]!.records!) }]);
    });
    const producer = scene.makeProducer({ maxBatchBytes: 100 });
    append(producer, 'first');
    await producer.flush();
    isHeld = true;
    for (const value of numbered(20)) append(producer, value.repeat(40));
    const flushed = producer.flush();
    await until('five more requests have come in', () => scene.broker.arrived(produceApi) === 6);
    // A round trip on another socket: another one would be here by then.
    await scene.client.partitionsOf(['t']);
    expect(scene.broker.arrived(produceApi)).toBe(6);
    release();
    await flushed;
    expect(scene.logs[0]?.values).toHaveLength(21);
  });

  test('append says when to wait, and drained says when to go on', async () => {
    const producer = scene.makeProducer({ maxBufferedBytes: 500 });
    expect(append(producer, 'x'.repeat(100))).toBe(true);
    expect(append(producer, 'x'.repeat(500))).toBe(false);
    await producer.drained();
    expect(producer.bufferedBytes).toBeLessThan(500);
    expect(append(producer, 'x')).toBe(true);
  });

  test('onProgress hears of acknowledgements, and the mark never passes an unacknowledged record', async () => {
    const marks: number[] = [];
    const producer: BatchProducer = scene.makeProducer({
      maxBatchBytes: 100,
      onProgress: () => marks.push(producer.acknowledged),
    });
    for (const value of numbered(10)) append(producer, value.repeat(30), Number(value) % 2);
    await producer.flush();
    expect(marks.at(-1)).toBe(10);
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
  });

  test('tells who asked for it where each record came to lie, with one promise per batch', async () => {
    const producer = scene.makeProducer();
    const receipts = numbered(3).map((value) => producer.appendForResult('t', 0, 1, null, Buffer.from(value)));
    expect(new Set(receipts.map(({ baseOffset }) => baseOffset)).size).toBe(1);
    expect(await Promise.all(receipts.map(async ({ baseOffset, index }) => (await baseOffset) + index))).toEqual([
      0, 1, 2,
    ]);
  });
});

describe('closing', () => {
  test('sends what waits first', async () => {
    const producer = scene.makeProducer({ lingerMs: 60_000 });
    append(producer, 'x');
    await producer.close();
    expect(scene.logs[0]?.values).toEqual(['x']);
    expect(() => append(producer, 'y')).toThrow('after the producer was closed');
  });

  test('fails what cannot be sent in time', async () => {
    scene.broker.on(produceApi, () => Fault.NO_ANSWER);
    const producer = scene.makeProducer();
    const { baseOffset } = producer.appendForResult('t', 0, 1, null, Buffer.from('x'));
    await until('the request is out', () => scene.broker.received(produceApi).length > 0);
    await producer.close(0).catch(() => undefined);
    await expect(baseOffset).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});

function recordsOf(body: unknown): Buffer {
  const { topicData } = body as { topicData: { partitionData: { records: Buffer }[] }[] };
  return topicData[0]?.partitionData[0]?.records ?? Buffer.alloc(0);
}

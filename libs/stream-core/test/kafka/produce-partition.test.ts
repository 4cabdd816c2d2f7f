import { beforeEach, describe, expect, test } from '@jest/globals';
import { RecordBatchWriter } from '@playhead/kafka-protocol';
import { ProduceBatch } from '../../src/kafka/produce-batch.ts';
import { ProducePartition } from '../../src/kafka/produce-partition.ts';

const first = { producerId: 1, producerEpoch: 0 };
const second = { producerId: 2, producerEpoch: 0 };

let partition: ProducePartition;
let marks: number;

beforeEach(() => {
  partition = new ProducePartition('t', 0, 5, { mark: Number.POSITIVE_INFINITY });
  marks = 0;
});

/** Launches a batch of `count` records that was begun at `createdAtMs`. */
function launch(count: number, createdAtMs = 0): ProduceBatch {
  const batch = new ProduceBatch(new RecordBatchWriter(), marks, createdAtMs);
  for (let i = 0; i < count; i++) batch.writer.append(1, null, null);
  marks += count;
  partition.filling = batch;
  partition.closeFilling();
  expect(partition.launch(first)).toBe(batch);
  return batch;
}

function relaunch(identity = first): { sequence: number; batch: ProduceBatch }[] {
  const launched = [];
  for (let batch = partition.launch(identity); batch !== undefined; batch = partition.launch(identity))
    launched.push({ sequence: batch.sequence, batch });
  return launched;
}

describe('sequences', () => {
  test('count records, and wrap after 2^31 as Kafka has it', () => {
    expect([launch(3).sequence, launch(2).sequence, launch(1).sequence]).toEqual([0, 3, 5]);
  });

  test('stay as they were when batches come back, in whatever order', () => {
    const [a, b, c] = [launch(3), launch(2), launch(1)];
    for (const batch of [c, a, b]) partition.giveBack(batch);
    partition.resume(first);
    expect(relaunch()).toEqual([
      { sequence: 0, batch: a },
      { sequence: 3, batch: b },
      { sequence: 5, batch: c },
    ]);
  });

  test('close the gap of a batch that the broker will never take', () => {
    const [a, b, c, d] = [launch(3), launch(2), launch(1), launch(1)];
    partition.finish(a);
    partition.discard(b);
    partition.giveBack(d);
    partition.giveBack(c);
    partition.resume(first);
    expect(relaunch()).toEqual([
      { sequence: 3, batch: c },
      { sequence: 4, batch: d },
    ]);
  });

  test('before the gap stay as they were', () => {
    const [a, b, c] = [launch(3), launch(2), launch(1)];
    partition.discard(b);
    partition.giveBack(a);
    partition.giveBack(c);
    partition.resume(first);
    expect(relaunch()).toEqual([
      { sequence: 0, batch: a },
      { sequence: 3, batch: c },
    ]);
  });

  test.each([
    ['at once when the broker does not know the producer', 59, 1],
    ['when the first batch is out of order for the fifth time', 45, 5],
  ])('begin anew under another producer id %s', (_what, refusal, times) => {
    const [a, b] = [launch(3), launch(2)];
    partition.finish(a);
    b.refusal = refusal;
    partition.giveBack(b);
    for (let i = 1; i < times; i++) partition.judge();
    expect(partition.needsNewIdentity).toBe(false);
    partition.judge();
    expect(partition.needsNewIdentity).toBe(true);
    partition.resume(second);
    expect([relaunch(second), partition.identity]).toEqual([[{ sequence: 0, batch: b }], second]);
  });
});

describe('the delivery timeout', () => {
  test('takes a batch that was surely not written out without a new producer id', () => {
    const [old, young] = [launch(3, 0), launch(2, 100)];
    partition.giveBack(old);
    partition.giveBack(young);
    expect(partition.expire(50)).toEqual([old]);
    expect(partition.needsNewIdentity).toBe(false);
    partition.resume(first);
    expect(relaunch()).toEqual([{ sequence: 0, batch: young }]);
  });

  test('gives up with a batch of unknown fate those of unknown fate behind it: under other numbers they could be there twice', () => {
    const [old, unsure, sure] = [launch(3, 0), launch(2, 100), launch(1, 100)];
    old.uncertain = true;
    unsure.uncertain = true;
    for (const batch of [old, unsure, sure]) partition.giveBack(batch);
    expect(partition.expire(50)).toEqual([old, unsure]);
    expect(partition.needsNewIdentity).toBe(true);
    partition.resume(second);
    expect(relaunch(second)).toEqual([{ sequence: 0, batch: sure }]);
  });

  test('reaches a batch that was never sent', () => {
    const batch = new ProduceBatch(new RecordBatchWriter(), 0, 0);
    batch.writer.append(1, null, null);
    partition.filling = batch;
    expect([partition.expire(50), partition.hasUnsent]).toEqual([[batch], false]);
  });
});

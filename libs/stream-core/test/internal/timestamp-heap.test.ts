import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimestampHeap } from '../../src/internal/timestamp-heap.ts';

function drain(timestamps: readonly number[]): number[] {
  const heap = new TimestampHeap<number>();
  for (const [index, timestamp] of timestamps.entries()) heap.offer(index, timestamp);
  const taken: number[] = [];
  for (let next = heap.poll(); next !== undefined; next = heap.poll()) taken.push(next);
  return taken;
}

test.each([
  { timestamps: [7, 7], order: [0, 1] },
  { timestamps: [7, 7, 7], order: [0, 2, 1] },
  { timestamps: [7, 7, 7, 7], order: [0, 3, 2, 1] },
  { timestamps: [7, 7, 7, 7, 7], order: [0, 4, 3, 2, 1] },
  { timestamps: [3, 1, 2], order: [1, 2, 0] },
])('takes $timestamps in the order of java.util.PriorityQueue', ({ timestamps, order }) => {
  expect(drain(timestamps)).toEqual(order);
});

test('takes the smallest timestamp first, whatever the order of offering', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 20 })), (timestamps) => {
      const taken = drain(timestamps).map((index) => timestamps[index] as number);
      expect(taken).toEqual([...timestamps].sort((a, b) => a - b));
    }),
  );
});

test('an empty heap has no first element and the latest possible time', () => {
  const heap = new TimestampHeap<string>();
  expect([heap.poll(), heap.first, heap.firstTimestamp, heap.size]).toEqual([undefined, undefined, Infinity, 0]);
});

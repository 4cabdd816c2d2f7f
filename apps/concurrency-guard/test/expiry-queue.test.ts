import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExpiryQueue } from '../src/expiry-queue.ts';

const takeAll = (queue: ExpiryQueue, nowMs: number): string[] => [...queue.due(nowMs, Infinity)];

test('gives what is due, the earliest first, and keeps the rest', () => {
  const queue = new ExpiryQueue();
  queue.schedule('b', 20);
  queue.schedule('a', 10);
  queue.schedule('c', 30);
  expect(takeAll(queue, 9)).toEqual([]);
  expect(takeAll(queue, 20)).toEqual(['a', 'b']);
  expect(queue.size).toBe(1);
});

test('the last time counts, an earlier one or a later one', () => {
  const queue = new ExpiryQueue();
  queue.schedule('a', 20);
  queue.schedule('a', 30);
  queue.schedule('a', 10);
  queue.schedule('b', 10);
  queue.schedule('b', 30);
  expect(takeAll(queue, 29)).toEqual(['a']);
  expect(takeAll(queue, 100)).toEqual(['b']);
});

test('a lease that was renewed comes up at its new time, after others that end before', () => {
  const queue = new ExpiryQueue();
  queue.schedule('renewed', 10);
  queue.schedule('other', 20);
  queue.schedule('renewed', 30);
  expect(takeAll(queue, 40)).toEqual(['other', 'renewed']);
});

test('a session that was taken can be scheduled again, also for a time it had before', () => {
  const queue = new ExpiryQueue();
  queue.schedule('a', 20);
  queue.schedule('a', 10);
  expect(takeAll(queue, 10)).toEqual(['a']);
  queue.schedule('a', 20);
  expect(takeAll(queue, 20)).toEqual(['a']);
});

test('agrees with a sorted list', () => {
  const step = fc.oneof(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), dueMs: fc.nat({ max: 50 }) }),
    fc.record({ nowMs: fc.nat({ max: 50 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new ExpiryQueue();
      const due = new Map<string, number>();
      for (const one of steps) {
        if ('key' in one) {
          queue.schedule(one.key, one.dueMs);
          due.set(one.key, one.dueMs);
          continue;
        }
        const expected = [...due].filter(([, dueMs]) => dueMs <= one.nowMs).map(([key]) => key);
        const taken = takeAll(queue, one.nowMs);
        expect(taken.toSorted()).toEqual(expected.toSorted());
        const times = taken.map((key) => due.get(key)!);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expected.forEach((key) => due.delete(key));
        expect(queue.size).toBe(due.size);
      }
    }),
  );
});

test('a session that ended and went on again and again left an entry a time, without a bound', () => {
  const queue = new ExpiryQueue();
  for (let n = 0; n < 100; n++) queue.schedule(`other-${n}`, 5_000 + n);
  for (let lapse = 0; lapse < 3_900; lapse++) {
    queue.schedule('flapping', 1_000_000 + lapse);
    queue.schedule('flapping', 1_000 + lapse);
    expect(takeAll(queue, 1_000 + lapse)).toEqual(['flapping']);
  }
  expect(queue.entries).toBeLessThan(1_300);
  expect(queue.size).toBe(100);
  expect(takeAll(queue, 6_000)).toEqual(Array.from({ length: 100 }, (_, n) => `other-${n}`));
});

test('a call looked at every session whose lease was renewed since it was scheduled', () => {
  const queue = new ExpiryQueue();
  for (let n = 0; n < 100; n++) queue.schedule(`renewed-${n}`, n);
  for (let n = 0; n < 100; n++) queue.schedule(`renewed-${n}`, 1_000);
  queue.schedule('over', 200);
  expect([...queue.due(500, 60)]).toEqual([]);
  expect([...queue.due(500, 60)]).toEqual(['over']);
  expect([...queue.due(1_000, Infinity)]).toHaveLength(100);
});

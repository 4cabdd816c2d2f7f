import { expect, test } from '@jest/globals';
import { BoundedCache } from '../../src/tokens/bounded-cache.ts';

test('forgets what was put in longest ago, and what is put in again is young again', () => {
  const cache = new BoundedCache<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 3);
  cache.set('c', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([3, undefined, 4]);
});

test('remembers nothing with a bound of 0', () => {
  const cache = new BoundedCache<number>(0);
  cache.set('a', 1);
  expect([cache.size, cache.get('a')]).toEqual([0, undefined]);
});

test.each([1, 2, 7])('holds the youngest %i after any puts and removals', (maxEntries) => {
  const cache = new BoundedCache<number>(maxEntries);
  let model: string[] = [];
  for (let step = 0; step < 5000; step++) {
    const key = `key-${(step * step * 7 + step) % 23}`;
    model = model.filter((other) => other !== key);
    if (step % 5 === 4) cache.delete(key);
    else {
      cache.set(key, step);
      model = [...model, key].slice(-maxEntries);
      expect(cache.get(key)).toBe(step);
    }
    expect(cache.size).toBe(model.length);
    expect(model.filter((other) => cache.get(other) === undefined)).toEqual([]);
  }
});

test('a large one forgets the oldest ones, a 256th at once', () => {
  const cache = new BoundedCache<number>(1024);
  for (let i = 0; i <= 1024; i++) cache.set(`key-${i}`, i);
  const kept = Array.from({ length: 1025 }, (_, i) => cache.get(`key-${i}`)).filter((value) => value !== undefined);
  expect([cache.size, kept[0], kept.at(-1)]).toEqual([1021, 4, 1024]);
});

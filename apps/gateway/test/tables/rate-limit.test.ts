import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimit } from '../../src/tables/rate-limit.ts';

describe('RateLimit', () => {
  it('lets a burst through, then the rate, and says how long to wait', () => {
    const limit = new RateLimit({ perSecond: 10, burst: 5, maxKeys: 10 });
    expect(limit.take('a', 5, 1000)).toBe(0);
    expect(limit.take('a', 1, 1000)).toBe(100);
    expect(limit.take('a', 1, 1099)).toBe(1);
    expect(limit.take('a', 1, 1100)).toBe(0);
    expect(limit.take('b', 5, 1100)).toBe(0);
  });

  it('lets a request larger than the burst through when nothing was taken, and makes the next wait for it', () => {
    const limit = new RateLimit({ perSecond: 10, burst: 5, maxKeys: 10 });
    expect(limit.take('a', 100, 0)).toBe(0);
    expect(limit.take('a', 1, 0)).toBe(9600);
    expect(limit.take('a', 1, 9600)).toBe(0);
  });

  it('takes a clock that goes back by a second or less for one that stands still', () => {
    const limit = new RateLimit({ perSecond: 10, burst: 1, maxKeys: 10 });
    expect(limit.take('a', 1, 5000)).toBe(0);
    expect(limit.take('a', 1, 4000)).toBe(100);
    expect(limit.take('a', 1, 5099)).toBe(1);
    expect(limit.take('a', 1, 5100)).toBe(0);
  });

  it('refused everything for as long as the clock had gone back', () => {
    const limit = new RateLimit({ perSecond: 10, burst: 1, maxKeys: 10 });
    expect(limit.take('a', 1, 3_605_000)).toBe(0);
    expect(limit.take('a', 1, 5000)).toBe(100);
    expect(limit.take('a', 1, 5099)).toBe(1);
    expect(limit.take('a', 1, 5100)).toBe(0);
  });

  it('forgets the key that came first when it is full', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1, maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) expect(limit.take(key, 1, 0)).toBe(0);
    expect(limit.size).toBe(2);
    expect(limit.take('c', 1, 0)).toBe(1000);
    expect(limit.take('a', 1, 0)).toBe(0);
  });

  it('never lets more through than the burst and the rate allow', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(500), items: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (requests) => {
        const limit = new RateLimit({ perSecond: 20, burst: 10, maxKeys: 1 });
        let now = 0;
        let taken = 0;
        for (const { waitMs, items } of requests) {
          now += waitMs;
          if (limit.take('a', items, now) === 0) taken += items;
          expect(taken).toBeLessThanOrEqual(10 + (now * 20) / 1000 + 1e-6);
        }
      }),
    );
  });
});

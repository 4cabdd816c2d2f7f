import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SortedTimes } from '../../src/internal/sorted-times.ts';

const MANY = 500;

test('keeps what a sorted set would, through additions, forgetting and taking from the front', () => {
  const time = fc.nat({ max: 300 });
  const step = fc.tuple(fc.constantFrom('add', 'add', 'add', 'forget', 'shift', 'look'), time, time, fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: MANY }), (steps) => {
      const alive = new Set<number>();
      const times = new SortedTimes((candidate) => alive.has(candidate));
      let takenMs = -1;
      for (const [what, first, second, reverse] of steps) {
        if (what === 'add' && first > takenMs && !alive.has(first)) {
          times.add(first);
          alive.add(first);
        } else if (what === 'forget' && alive.delete(first)) times.forget();
        else if (what === 'shift' && times.first !== Infinity) {
          takenMs = times.first;
          times.shift();
          alive.delete(takenMs);
        } else if (what === 'look') {
          const wanted = [...alive].filter((each) => each >= first && each <= second).sort((a, b) => a - b);
          expect(times.within(first, second, reverse)).toEqual(reverse ? wanted.reverse() : wanted);
          expect(times.countWithin(first, second)).toBeGreaterThanOrEqual(wanted.length);
        }
        expect(times.first).toBeLessThanOrEqual(Math.min(...alive));
      }
      times.clear();
      expect([times.first, times.within(0, Infinity, false)]).toEqual([Infinity, []]);
    }),
    { numRuns: 300 },
  );
});

test('what is taken from the front or forgotten does not stay for ever', () => {
  const alive = new Set<number>();
  const times = new SortedTimes((candidate) => alive.has(candidate));
  for (let time = 0; time < 10_000; time++) {
    times.add(time);
    alive.add(time);
    if (time % 2 === 0) {
      alive.delete(time);
      times.forget();
    }
    while (times.first < time - 100) {
      const taken = times.first;
      times.shift();
      alive.delete(taken);
    }
    expect(times.countWithin(-Infinity, Infinity)).toBeLessThanOrEqual(200);
  }
});

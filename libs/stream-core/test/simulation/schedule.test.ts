/** A short run of `npm run simulate:streams`. Repeat it with DRIVER_SEED=<seed printed>. */
import { expect, test } from '@jest/globals';
import { makeCase } from '../testing/random-case.ts';
import { SCHEDULES_PER_CASE, ScheduleRunner } from './schedule.ts';

const SEED = Number(process.env['DRIVER_SEED'] ?? Date.now() & 0x7fffff) * SCHEDULES_PER_CASE;
const SCHEDULES = 6 * SCHEDULES_PER_CASE;

test(`schedules of crashes, zombies, rebalances and lost acknowledgements change nothing (seed ${SEED})`, () => {
  const runner = new ScheduleRunner();
  const results = Array.from({ length: SCHEDULES }, (_, index) => runner.run(SEED + index));
  expect(results.filter(({ violation }) => violation !== undefined)).toEqual([]);
  const sum = (count: (result: (typeof results)[number]) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  expect(sum(({ metrics }) => metrics.zombies)).toBeGreaterThan(0);
  expect(sum(({ metrics }) => metrics.refusedCommits)).toBe(sum(({ metrics }) => metrics.zombies));
});

test('the same seed is the same schedule', () => {
  const [first, second] = [new ScheduleRunner().run(SEED), new ScheduleRunner().run(SEED)];
  expect(first.faults).toEqual(second.faults);
  expect(first.metrics.processedRecords).toBe(second.metrics.processedRecords);
});

test('a topology that makes many records of each input had its inputs looked for without an end', () => {
  expect(makeCase(2_026_342, 'digest', 'exactly_once').events.length).toBeGreaterThan(0);
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { behindReports, nextCohort } from '../../src/http/next-cohort.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
afterEach(() => void jest.useRealTimers());

test('all who come within 3 ms of the first go on together, step by step, in the order in which they came', async () => {
  const steps: string[] = [];
  const request = async (name: string): Promise<void> => {
    await nextCohort();
    steps.push(`${name} checked`);
    await Promise.resolve();
    steps.push(`${name} written`);
  };
  const first = request('first');
  await jest.advanceTimersByTimeAsync(2);
  const second = request('second');
  expect(steps).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  await Promise.all([first, second]);
  expect(steps).toEqual(['first checked', 'second checked', 'first written', 'second written']);
});

test('who comes later waits for a cohort of its own', async () => {
  const first = nextCohort();
  await jest.advanceTimersByTimeAsync(3);
  await first;
  const second = nextCohort();
  expect(second).not.toBe(first);
  await jest.advanceTimersByTimeAsync(3);
  await second;
});

test('a start does not overtake the report that came before it, and waits for nothing when there is none', async () => {
  const steps: string[] = [];
  const report = async (): Promise<void> => {
    await nextCohort();
    for (let step = 0; step < 10; step++) await Promise.resolve();
    steps.push('report');
  };
  const start = async (): Promise<void> => {
    await behindReports();
    steps.push('start');
  };
  await start();
  const both = Promise.all([report(), start()]);
  await jest.advanceTimersByTimeAsync(3);
  await both;
  expect(steps).toEqual(['start', 'report', 'start']);
});

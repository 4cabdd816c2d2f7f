import { expect, test } from '@jest/globals';
import { nextCohort } from '../../src/http/next-cohort.ts';

test('all who come within one cohort’s time go on together, step by step, in the order in which they came', async () => {
  const steps: string[] = [];
  const request = async (name: string): Promise<void> => {
    await nextCohort();
    steps.push(`${name} checked`);
    await Promise.resolve();
    steps.push(`${name} written`);
  };
  const both = Promise.all([request('first'), request('second')]);
  await Promise.resolve();
  expect(steps).toEqual([]);
  await both;
  expect(steps).toEqual(['first checked', 'second checked', 'first written', 'second written']);
});

test('who comes later waits for a cohort of its own', async () => {
  const first = nextCohort();
  expect(nextCohort()).toBe(first);
  await first;
  expect(nextCohort()).not.toBe(first);
});

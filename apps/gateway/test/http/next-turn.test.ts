import { expect, test } from '@jest/globals';
import { nextTurn } from '../../src/http/next-turn.ts';

test('all who wait in one turn go on together, step by step, in the order in which they came', async () => {
  const steps: string[] = [];
  const request = async (name: string): Promise<void> => {
    await nextTurn();
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

test('who comes later waits for a turn of its own', async () => {
  const first = nextTurn();
  expect(nextTurn()).toBe(first);
  await first;
  expect(nextTurn()).not.toBe(first);
});

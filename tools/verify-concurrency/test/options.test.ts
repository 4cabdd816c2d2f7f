import { expect, test } from '@jest/globals';
import { UsageError } from '@playhead/chaos-streams/testing';
import { readOptions } from '../src/options.ts';

test('the defaults are a short run on the embedded broker', () => {
  expect(readOptions(['--seed', '7'])).toEqual({
    seed: 7,
    seeds: 1,
    accounts: 20,
    broker: 'embedded',
    timeScale: 0.1,
    intervals: 20,
    keep: false,
  });
});

test.each([
  [['--seeds', '0'], /--seeds is "0"; allowed: numbers from 1/],
  [['--accounts', '1.5'], /--accounts is "1.5"; allowed: whole numbers/],
  [['--time-scale', '0.01'], /--time-scale is "0.01"; allowed: numbers from 0.1 to 2/],
  [['--broker', 'other'], /--broker is "other"; allowed: embedded, real/],
  [['--nonsense'], /nonsense/],
])('%j is refused', (args, message) => {
  const read = (): unknown => readOptions(args);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});

test('after --help there is nothing to run', () => {
  expect(readOptions(['--help'])).toBeUndefined();
});

import { expect, test } from '@jest/globals';
import { UsageError } from '../src/command-line.ts';
import { readOptions } from '../src/options.ts';

test('without options it is exactly_once with memory on the embedded broker', () => {
  expect(readOptions(['--seed', '7'])).toMatchObject({
    seed: 7,
    kills: 100,
    guarantee: 'exactly_once',
    broker: 'embedded',
    timeScale: 0.1,
  });
});

test('--help gives no options', () => {
  expect(readOptions(['--help'])).toBeUndefined();
});

test.each([
  [['--store', 'disk'], '--store is "disk"; allowed: memory, lmdb, redis'],
  [['--guarantee', 'at_most_once'], '--guarantee is "at_most_once"; allowed: exactly_once, at_least_once'],
  [['--kills', 'many'], '--kills is "many"; allowed: numbers from 0 to 100000'],
  [['--bootstrap', '10.0.0.1:9092'], '--bootstrap is "10.0.0.1:9092"; allowed: 127.0.0.1:port'],
])('%j is refused with what is allowed', (args, message) => {
  expect(() => readOptions(args)).toThrow(new UsageError(message));
});

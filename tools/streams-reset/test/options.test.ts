import { expect, test } from '@jest/globals';
import { readArguments } from '../src/options.ts';

const ID = ['--application-id', 'guard'];

test.each([
  [[], 'earliest'],
  [['--to-earliest'], 'earliest'],
  [['--to-latest'], 'latest'],
  [['--to-datetime', '1970-01-01T00:00:05Z'], { atMs: 5_000 }],
  [['--by-duration', '90s'], { agoMs: 90_000 }],
  [['--by-duration', '7d'], { agoMs: 604_800_000 }],
])('%j begins at %j', (args, to) => {
  expect(readArguments([...ID, ...args])?.reset).toEqual({
    applicationId: 'guard',
    to,
    inputTopics: [],
    internalTopics: [],
    dryRun: false,
    state: undefined,
  });
});

test('lists of brokers and topics are separated by commas', () => {
  const lists = ['--brokers', 'a:1, b:2', '--input-topics', 'x,y', '--internal-topics', 'z', '--dry-run'];
  expect(readArguments([...ID, ...lists])).toMatchObject({
    reset: { inputTopics: ['x', 'y'], internalTopics: ['z'], dryRun: true },
    client: { brokers: ['a:1', 'b:2'] },
  });
});

test.each<[string[], RegExp]>([
  [[], /--application-id is missing; allowed/],
  [['--application-id', 'a b'], /--application-id is a b; allowed/],
  [[...ID, '--to-latest', '--by-duration', '1h'], /one of --to-earliest/],
  [[...ID, '--by-duration', '1w'], /--by-duration is "1w"; allowed: such as 90s/],
  [[...ID, '--to-datetime', 'yesterday'], /--to-datetime is "yesterday"; allowed/],
  [[...ID, '--client-config', 'missing.json'], /--client-config missing.json: .*ENOENT/],
  [[...ID, '--state-dir', 'd', '--redis', 'redis://r'], /one of --state-dir, --redis/],
  [[...ID, '--force'], /--force/],
])('%j is refused', (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});

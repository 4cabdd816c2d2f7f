import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('flatMapValues gives any number of records under the same key', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .flatMapValues((value) => value?.split(',') ?? [])
        .to('out', TEXT),
    [
      ['in', 'k', 'a,,b', 7],
      ['in', 'k', null, 8],
    ],
  );
  expect(out).toEqual([
    ['out', 'k', 'a', 7],
    ['out', 'k', '', 7],
    ['out', 'k', 'b', 7],
  ]);
});

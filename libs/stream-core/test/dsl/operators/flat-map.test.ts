import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('flatMap gives any number of records under any keys, all with the timestamp of their origin', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .flatMap((value, key) => (value ?? '').split('').map((letter) => ({ key: letter, value: key })))
        .to('out', TEXT),
    [
      ['in', 'k', 'ab', 7],
      ['in', 'k', '', 8],
      ['in', 'l', 'c', 6],
    ],
  );
  expect(out).toEqual([
    ['out', 'a', 'k', 7],
    ['out', 'b', 'k', 7],
    ['out', 'c', 'l', 6],
  ]);
});

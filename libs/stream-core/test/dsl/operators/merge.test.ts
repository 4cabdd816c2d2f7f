import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('merge gives the records of both streams in the order they are taken', () => {
  const { out } = runTopology(
    (builder) => streamIn(builder, 'a').merge(streamIn(builder, 'b')).to('out', TEXT),
    [
      ['a', 'k', '1', 7],
      ['b', 'k', '2', 3],
      ['a', null, null, 1],
    ],
  );
  expect(out).toEqual([
    ['out', 'k', '1', 7],
    ['out', 'k', '2', 3],
    ['out', null, null, 1],
  ]);
});

import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('mapValues replaces the value and keeps key and timestamp', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .mapValues((value, key) => `${key}=${value}`)
        .to('out', TEXT),
    [
      ['in', 'k', 'v', 7],
      ['in', null, null, 3],
    ],
  );
  expect(out).toEqual([
    ['out', 'k', 'k=v', 7],
    ['out', null, 'null=null', 3],
  ]);
});

import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('map replaces key and value and keeps the timestamp', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .map((value, key) => ({ key: `${value}!`, value: key }))
        .to('out', TEXT),
    [
      ['in', 'k', 'v', 7],
      ['in', null, null, 3],
    ],
  );
  expect(out).toEqual([
    ['out', 'v!', 'k', 7],
    ['out', 'null!', null, 3],
  ]);
});

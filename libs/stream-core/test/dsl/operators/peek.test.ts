import { expect, test } from '@jest/globals';
import { runTopology, streamIn } from '../operator-driver.ts';

test('peek sees every record and passes it on; foreach ends the stream', () => {
  const seen: unknown[] = [];
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .peek((value, key) => seen.push(['peek', key, value]))
        .foreach((value, key) => seen.push(['foreach', key, value])),
    [['in', 'k', 'v', 7]],
  );
  expect(seen).toEqual([
    ['peek', 'k', 'v'],
    ['foreach', 'k', 'v'],
  ]);
  expect(out).toEqual([]);
});

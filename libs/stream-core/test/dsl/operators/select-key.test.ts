import { expect, test } from '@jest/globals';
import { serdes } from '@playhead/stream-core';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

test('selectKey replaces the key; without repartition nothing is dropped', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .selectKey((value) => value)
        .to('out', TEXT),
    [
      ['in', 'k', 'v', 7],
      ['in', 'k', null, 8],
    ],
  );
  expect(out).toEqual([
    ['out', 'v', 'v', 7],
    ['out', null, null, 8],
  ]);
});

test('what needs the key afterwards repartitions, and records without a key stay behind silently', () => {
  const { out, dropped } = runTopology(
    (builder) =>
      streamIn(builder)
        .selectKey((value) => value)
        .groupByKey({ key: TEXT.key })
        .count()
        .toStream()
        .to('out'),
    [
      ['in', 'k', 'v', 7],
      ['in', 'k', null, 8],
      ['in', 'l', 'v', 6],
    ],
    serdes.long,
  );
  expect(out).toEqual([
    ['out', 'v', 1, 7],
    ['out', 'v', 2, 7],
  ]);
  expect(dropped).toEqual({});
});

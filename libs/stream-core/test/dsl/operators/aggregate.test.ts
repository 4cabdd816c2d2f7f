import { expect, test } from '@jest/globals';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

const ROWS: readonly Row[] = [
  ['in', 'a', 'x', 5],
  ['in', 'a', 'y', 3],
  ['in', 'b', 'z', 4],
  ['in', null, 'n', 6],
  ['in', 'a', null, 7],
];
const DROPPED = { 'null-key': 1, 'null-value': 1 };

test('count counts the records of a key; the time is the greatest', () => {
  const counted = runTopology(
    (builder) => streamIn(builder).groupByKey().count().toStream().to('out'),
    ROWS,
    serdes.long,
  );
  expect(counted).toEqual({
    out: [
      ['out', 'a', 1, 5],
      ['out', 'a', 2, 5],
      ['out', 'b', 1, 4],
    ],
    dropped: DROPPED,
  });
});

test('reduce starts from the first value', () => {
  const reduced = runTopology(
    (builder) =>
      streamIn(builder)
        .groupByKey()
        .reduce((a, b) => `${a}|${b}`)
        .toStream()
        .to('out'),
    ROWS,
  );
  expect(reduced).toEqual({
    out: [
      ['out', 'a', 'x', 5],
      ['out', 'a', 'x|y', 5],
      ['out', 'b', 'z', 4],
    ],
    dropped: DROPPED,
  });
});

test('an aggregator that gives null deletes, and the next value starts anew', () => {
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .groupByKey()
        .aggregate(
          () => '',
          (aggregate, value, key) => (value === 'stop' ? null : `${aggregate}${key}${value}`),
          {
            value: serdes.string,
          },
        )
        .toStream()
        .to('out'),
    [
      ['in', 'a', '1', 5],
      ['in', 'a', 'stop', 3],
      ['in', 'a', '2', 4],
    ],
  );
  expect(out).toEqual([
    ['out', 'a', 'a1', 5],
    ['out', 'a', null, 5],
    ['out', 'a', 'a2', 4],
  ]);
});

test('an aggregator that changes its aggregate in place fails in the driver, unless its node says so', () => {
  const run = (mutates: boolean) => {
    const builder = new StreamsBuilder();
    streamIn(builder)
      .groupByKey()
      .aggregate<string[]>(
        () => [],
        (list, value) => {
          list.push(value);
          return list;
        },
        { storeName: 'lists', value: serdes.json<string[]>(), mutates },
      );
    const driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic({ name: 'in', ...TEXT });
    input.pipeInput('x', 'a', 1);
    input.pipeInput('y', 'a', 2);
    return driver.keyValueStore<string, string[]>('lists').get('a');
  };
  expect(run(true)).toEqual(['x', 'y']);
  expect(() => run(false)).toThrow(/processing of in-0 offset 1 failed/);
});

import { expect, test } from '@jest/globals';
import { ArgumentError, StreamsBuilder, TopologyError, serdes } from '@playhead/stream-core';
import type { OffsetReset } from '@playhead/stream-core';
import { TEXT } from '../dsl/operator-driver.ts';

const read = (builder: StreamsBuilder, topic: string, offsetReset?: OffsetReset) =>
  builder.stream<string, string>(topic, { ...TEXT, offsetReset });

test('a plan says where sources begin; what the application wrote itself is read from its beginning', () => {
  const builder = new StreamsBuilder();
  read(builder, 'a', { byDurationMs: 60_000 })
    .selectKey((value) => value)
    .repartition({ name: 'by', key: serdes.string });
  read(builder, 'b');
  builder.table('c', { ...TEXT, offsetReset: 'none' });
  expect(Object.fromEntries(builder.build().plan('app').offsetResets)).toEqual({
    a: { byDurationMs: 60_000 },
    'app-by-repartition': 'earliest',
    c: 'none',
  });
});

test.each<[OffsetReset | undefined, OffsetReset | undefined, boolean]>([
  ['latest', 'latest', true],
  [{ byDurationMs: 5 }, { byDurationMs: 5 }, true],
  [undefined, undefined, true],
  ['latest', 'earliest', false],
  ['latest', undefined, false],
  [{ byDurationMs: 5 }, { byDurationMs: 6 }, false],
])('streams of one topic that begin at %j and %j: allowed %s', (first, second, isAllowed) => {
  const builder = new StreamsBuilder();
  read(builder, 'a', first);
  read(builder, 'a', second);
  if (isAllowed) expect(() => builder.build()).not.toThrow();
  else expect(() => builder.build()).toThrow(TopologyError);
});

test('a duration is a whole number from 0', () => {
  expect(() => read(new StreamsBuilder(), 'a', { byDurationMs: -1 })).toThrow(ArgumentError);
});

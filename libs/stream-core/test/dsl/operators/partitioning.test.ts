/** Which operators make the next one that needs the key repartition, and which need it. */
import { expect, test } from '@jest/globals';
import type { KStream } from '@playhead/stream-core';
import { JoinWindows, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { TEXT, streamIn } from '../operator-driver.ts';
import type { TextStream } from '../operator-driver.ts';

type Stream = KStream<string | null, string | null>;

/** How many repartition topics the topology has. */
function repartitionsOf(define: (stream: TextStream, builder: StreamsBuilder) => void): number {
  const builder = new StreamsBuilder();
  define(streamIn(builder), builder);
  const { internalTopics } = builder.build().plan('app');
  return internalTopics.filter(({ kind }) => kind === 'repartition').length;
}

const nothing = { process: () => undefined };
const keep = (value: string | null): string | null => value;
const keyed = (stream: Stream): Stream => stream.selectKey((value) => value);

test.each<[operator: string, apply: (stream: Stream, builder: StreamsBuilder) => Stream, repartitions: number]>([
  ['filter', (stream) => stream.filter(() => true), 0],
  ['mapValues', (stream) => stream.mapValues((value) => value), 0],
  ['flatMapValues', (stream) => stream.flatMapValues((value) => [value]), 0],
  ['peek', (stream) => stream.peek(() => undefined), 0],
  ['processValues', (stream) => stream.processValues<string | null>(() => nothing), 0],
  ['split', (stream) => stream.split().defaultBranch(), 0],
  ['merge', (stream, builder) => stream.merge(streamIn(builder, 'other')), 0],
  ['a join with a table', (stream, builder) => stream.join(builder.table<string, string>('t', TEXT), keep), 0],
  ['map', (stream) => stream.map((value, key) => ({ key, value })), 1],
  ['flatMap', (stream) => stream.flatMap((value, key) => [{ key, value }]), 1],
  ['selectKey', keyed, 1],
  ['process', (stream) => stream.process<string | null, string | null>(() => nothing), 1],
  ['merge with a re-keyed stream', (stream, builder) => stream.merge(keyed(streamIn(builder, 'other'))), 1],
  ['selectKey, then mapValues', (stream) => keyed(stream).mapValues((value) => value), 1],
  ['selectKey, then split', (stream) => keyed(stream).split().defaultBranch(), 1],
  ['selectKey, then repartition', (stream) => keyed(stream).repartition({ name: 'once', ...TEXT }), 1],
])('grouping by key after %s', (_operator, apply, repartitions) => {
  expect(repartitionsOf((stream, builder) => void apply(stream, builder).groupByKey(TEXT).count())).toBe(repartitions);
});

const windows = JoinWindows.within(10, { graceMs: 0 });
const pair = (left: string | null, right: string | null): string => `${left}/${right}`;

test.each<[operator: string, apply: (stream: Stream, builder: StreamsBuilder) => unknown, repartitions: number]>([
  ['to', (stream) => stream.to('out', TEXT), 0],
  ['process', (stream) => stream.process(() => nothing), 0],
  [
    'joinGlobal',
    (stream, builder) => stream.joinGlobal(builder.globalTable<string, string>('g', TEXT), () => 'x', pair),
    0,
  ],
  ['toTable', (stream) => stream.toTable(TEXT), 1],
  ['groupByKey', (stream) => stream.groupByKey(TEXT).count(), 1],
  [
    'a windowed aggregation',
    (stream) =>
      stream
        .groupByKey(TEXT)
        .windowedBy(TimeWindows.of({ sizeMs: 1, graceMs: 0 }))
        .count(),
    1,
  ],
  ['a join with a table', (stream, builder) => stream.join(builder.table<string, string>('t', TEXT), pair, TEXT), 1],
  ['a join with a stream', (stream, builder) => stream.joinStream(streamIn(builder, 'o'), pair, windows, TEXT), 1],
  ['a join with itself', (stream) => stream.joinStream(stream, pair, windows, { ...TEXT, otherValue: TEXT.value }), 1],
])('a re-keyed stream in front of %s', (_operator, apply, repartitions) => {
  expect(repartitionsOf((stream, builder) => void apply(keyed(stream), builder))).toBe(repartitions);
});

test('aggregations of a group share its repartition topic if it has a name, else each has its own', () => {
  const twice = (name: string | undefined) =>
    repartitionsOf((stream) => {
      const group = stream.groupBy((value) => value, { ...TEXT, name });
      group.count();
      group.reduce((a) => a);
    });
  expect([twice('by-value'), twice(undefined)]).toEqual([1, 2]);
});

import { expect, test } from '@jest/globals';
import type { CogroupedKStream, KGroupedStream } from '@playhead/stream-core';
import {
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  TimeWindows,
  TopologyError,
  serdes,
} from '@playhead/stream-core';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

type Text = string | null;
type Grouped = KGroupedStream<string, Text>;

const add =
  (letter: string) =>
  (aggregate: string, value: Text): string =>
    `${aggregate}${letter}${value}`;
const start = (): string => '';
const options = { value: serdes.string };
const both = (a: Grouped, b: Grouped): CogroupedKStream<string, string> =>
  a.cogroup<string>(add('a')).cogroup(b, add('b'));

const ROWS: readonly Row[] = [
  ['A', 'k', '1', 10],
  ['B', 'k', '2', 14],
  ['A', 'k', null, 20],
  ['B', 'k', '3', 12],
];

test('several streams write one aggregate, each by its own aggregator', () => {
  const { out, dropped } = runTopology((builder) => {
    const [a, b] = [streamIn(builder, 'A').groupByKey(), streamIn(builder, 'B').groupByKey()];
    both(a, b).aggregate(start, options).toStream().to('out', TEXT);
  }, ROWS);
  expect(out.map((row) => (row as unknown[]).slice(2))).toEqual([
    ['a1', 10],
    ['a1b2', 14],
    ['a1b2b3', 14],
  ]);
  expect(dropped).toEqual({ 'null-value': 1 });
});

test.each([
  [
    'time windows',
    (of: CogroupedKStream<string, string>) =>
      of.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 20 })).aggregate(start, options),
    'k@[10,20] a1b2b3 14',
  ],
  [
    'sliding windows',
    (of: CogroupedKStream<string, string>) =>
      of.windowedBy(SlidingWindows.of({ timeDifferenceMs: 5, graceMs: 20 })).aggregate(start, options),
    'k@[11,16] b2b3 14',
  ],
  [
    'sessions',
    (of: CogroupedKStream<string, string>) =>
      of
        .windowedBy(SessionWindows.of({ inactivityGapMs: 5, graceMs: 20 }))
        .aggregate(start, (a, b) => `${a}|${b}`, options),
    'k@[10,14] ||a1b2b3 14',
  ],
] as const)('%s are shared by all inputs', (_name, aggregate, wanted) => {
  const { out } = runTopology((builder) => {
    const [a, b] = [streamIn(builder, 'A').groupByKey(), streamIn(builder, 'B').groupByKey()];
    aggregate(both(a, b))
      .toStream()
      .map((value, key) => ({ key: String(key), value }))
      .to('out', TEXT);
  }, ROWS);
  expect(out.map((row) => (row as unknown[]).slice(1).join(' '))).toContain(wanted);
});

test('re-keyed inputs need names of their own; a shared input is repartitioned once', () => {
  const rekeyed = (builder: StreamsBuilder, topic: string, name?: string): Grouped =>
    streamIn(builder, topic).groupBy((value) => value, { key: serdes.string, name });
  const unnamed = new StreamsBuilder();
  both(rekeyed(unnamed, 'A'), rekeyed(unnamed, 'B')).aggregate(start, options);
  expect(() => unnamed.build()).toThrow(TopologyError);
  const named = new StreamsBuilder();
  const cogrouped = both(rekeyed(named, 'A', 'a'), rekeyed(named, 'B', 'b'));
  cogrouped.aggregate(start, options);
  cogrouped.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 })).aggregate(start, options);
  const plan = named.build().plan('app');
  expect(plan.internalTopics.filter(({ kind }) => kind === 'repartition').map(({ name }) => name)).toEqual([
    'app-a-repartition',
    'app-b-repartition',
  ]);
  expect(plan.subtopologies.flatMap(({ copartitionGroups }) => copartitionGroups)).toEqual([
    ['app-a-repartition', 'app-b-repartition'],
  ]);
});

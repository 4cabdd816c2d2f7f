import { describe, expect, test } from '@jest/globals';
import { type Serde, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { compareShapes } from '../../../src/runtime/topology-check/compare-shapes.ts';
import {
  formatRecord,
  parseRecord,
  shapeOf,
  type TopologyShape,
} from '../../../src/runtime/topology-check/topology-shape.ts';
import { resolvePartitionCounts } from '../../../src/topology/partition-counts.ts';

const TEXTS = { key: serdes.string, value: serdes.string };
type Define = (builder: StreamsBuilder) => void;

/** The shape of a topology as the application `app` runs it, over inputs of `partitions`. */
function shape(
  define: Define,
  { partitions = 4, optimize }: { partitions?: number; optimize?: 'all' } = {},
): TopologyShape {
  const builder = new StreamsBuilder();
  define(builder);
  const plan = builder.build(optimize === undefined ? {} : { optimize }).plan('app');
  return shapeOf(
    plan,
    resolvePartitionCounts(plan, () => partitions),
  );
}

const beats = (builder: StreamsBuilder) => builder.stream<string, string>('beats', TEXTS);
const counted: Define = (builder) => void beats(builder).groupByKey().count({ storeName: 'counts' });
const unnamed: Define = (builder) => void beats(builder).groupByKey().count();
const byValue =
  (name?: string): Define =>
  (builder) =>
    void beats(builder)
      .groupBy((value) => value, { ...TEXTS, ...(name === undefined ? {} : { name }) })
      .count({ storeName: 'counts' });

const windowed =
  (sizeMs: number, graceMs: number): Define =>
  (builder) =>
    void beats(builder).groupByKey().windowedBy(TimeWindows.of({ sizeMs, graceMs })).count({ storeName: 'counts' });
const reduced =
  (value: Serde<never>): Define =>
  (builder) =>
    void builder
      .stream('beats', { key: serdes.string, value })
      .groupByKey()
      .reduce((_, newer) => newer, { storeName: 'latest' });

/** As versions wrote it down that knew neither formats nor times. */
const withoutContent = (written: TopologyShape): TopologyShape => ({
  ...written,
  stores: written.stores.map(({ name, type, changelog, subtopology }) => ({
    name,
    type,
    ...(changelog === undefined ? {} : { changelog }),
    subtopology,
  })),
});

const none = new Set<string>();
const problems = (before: TopologyShape, after: TopologyShape, existing: ReadonlySet<string> = none): string[] =>
  compareShapes(before, after, existing).incompatible.map(({ change, remedy }) => `${change}: ${remedy}`);

describe('a change of topology', () => {
  test.each<[string, Define, Define, RegExp]>([
    [
      'an operator added above an unnamed aggregation',
      unnamed,
      (builder) =>
        void beats(builder)
          .filter(() => true)
          .groupByKey()
          .count(),
      /store KSTREAM-AGGREGATE-STATE-STORE-0000000001 is gone and KSTREAM-AGGREGATE-STATE-STORE-0000000002 is new.*storeName: 'KSTREAM-AGGREGATE-STATE-STORE-0000000001'/,
    ],
    [
      'another name for a store',
      counted,
      (builder) => void beats(builder).groupByKey().count({ storeName: 'tallies' }),
      /key-value store counts is gone and tallies is new, so its state would be left behind: call it counts again/,
    ],
    [
      'another type under the same name',
      counted,
      (builder) =>
        void beats(builder)
          .groupByKey()
          .windowedBy(TimeWindows.of({ sizeMs: 1_000, graceMs: 0 }))
          .count({ storeName: 'counts' }),
      /store counts was of type key-value and is of type window.*another name/,
    ],
    [
      'another serde of values',
      reduced(serdes.string as Serde<never>),
      reduced(serdes.json()),
      /store latest has values in the format string and reads them as json.*another name/,
    ],
    [
      'another serde of keys',
      (builder) => void builder.stream<string, string>('beats', TEXTS).groupByKey().count({ storeName: 'counts' }),
      (builder) =>
        void builder
          .stream<number, string>('beats', { key: serdes.long, value: serdes.string })
          .groupByKey()
          .count({ storeName: 'counts' }),
      /store counts has keys in the format string and reads them as long/,
    ],
    [
      'another window size',
      windowed(1_000, 0),
      windowed(2_000, 0),
      /store counts has windows of 1000 ms and takes them for windows of 2000 ms.*another name/,
    ],
    [
      'another name for a repartition topic',
      byValue('by-title'),
      byValue('by-name'),
      /repartition topic app-by-title-repartition is gone and app-by-name-repartition is new, so records on their way/,
    ],
  ])('%s is refused with what to do', (_what, before, after, message) => {
    expect(problems(shape(before), shape(after)).join('\n')).toMatch(message);
  });

  test('more partitions of an input that state hangs on are refused', () => {
    expect(problems(shape(counted), shape(counted, { partitions: 6 }))).toEqual([
      'partition counts change (app-counts-changelog from 4 to 6), so keys would come to partitions that do not have their state: give the inputs, or `partitions` of repartition(), the count they had',
    ]);
  });

  test('a table whose topic no longer serves as its changelog is refused, the other way round it is not', () => {
    const table: Define = (builder) => void builder.table<string, string>('rows', { ...TEXTS, storeName: 'rows' });
    const [plain, optimized] = [shape(table), shape(table, { optimize: 'all' })];
    expect(problems(optimized, plain)).toEqual([
      'store rows had its state in rows and looks for it in app-rows-changelog: build with the same `optimize` as before',
    ]);
    expect(problems(plain, optimized)).toEqual([]);
  });

  test('a store that comes back after versions without it is refused: its changelog has missed what happened meanwhile', () => {
    const without: Define = (builder) => void beats(builder).filter(() => true);
    const both = new Set(['app-counts-changelog']);
    expect(problems(shape(without), shape(counted), both).join()).toMatch(
      /store counts was no part of the version that ran last, but app-counts-changelog exists.*delete app-counts-changelog/,
    );
    expect(problems(shape(without), shape(counted))).toEqual([]);
  });

  test.each<[string, Define, Define, string[]]>([
    ['the same topology', counted, counted, []],
    [
      'an operator added above a named aggregation',
      counted,
      (builder) =>
        void beats(builder)
          .filter(() => true)
          .groupByKey()
          .count({ storeName: 'counts' }),
      [],
    ],
    [
      'a new aggregation of another input',
      counted,
      (builder) => {
        counted(builder);
        builder.stream<string, string>('plays', TEXTS).groupByKey().count({ storeName: 'plays' });
      },
      ['store plays is new and begins empty'],
    ],
    [
      'an aggregation that is taken away',
      counted,
      (builder) => void beats(builder).filter(() => true),
      ['store counts is gone; app-counts-changelog is left behind'],
    ],
    [
      'a sub-topology in front of the others',
      counted,
      (builder) => {
        builder.stream<string, string>('plays', TEXTS).to('copies', TEXTS);
        counted(builder);
      },
      ['store counts is in sub-topology 1, it was in 0'],
    ],
  ])('%s passes', (_what, before, after, said) => {
    const difference = compareShapes(shape(before), shape(after), none);
    expect(difference.incompatible).toEqual([]);
    expect(difference.compatible).toEqual(said);
  });
});

test('what a store holds is written down', () => {
  expect(shape(windowed(60_000, 10_000)).stores).toEqual([
    {
      name: 'counts',
      type: 'window',
      changelog: 'app-counts-changelog',
      subtopology: 0,
      key: 'string',
      value: 'long',
      windowSizeMs: 60_000,
      keptMs: 70_000,
    },
  ]);
});

test('a longer grace passes and says what does not come back', () => {
  const { incompatible, compatible } = compareShapes(shape(windowed(60_000, 0)), shape(windowed(60_000, 9_000)), none);
  expect([incompatible, compatible]).toEqual([
    [],
    ['store counts keeps 69000 ms, it kept 60000: what has expired does not come back'],
  ]);
});

test('what an earlier version wrote down is taken for the same as far as it says nothing', () => {
  const now = shape(windowed(60_000, 10_000));
  const before = parseRecord(formatRecord({ incarnation: 'i', shape: withoutContent(now) }), 'app-topology').shape;
  expect(before).not.toEqual(now);
  expect(compareShapes(before, now, none)).toEqual({ incompatible: [], compatible: [] });
  expect(compareShapes(now, before, none)).toEqual({ incompatible: [], compatible: [] });
});

test('a record survives its way through the topic', () => {
  const record = { incarnation: 'i', shape: shape(byValue('by-title')) };
  expect(parseRecord(formatRecord(record), 'app-topology')).toEqual(record);
});

test.each(['{', '{"incarnation":"i","shape":{"version":2,"stores":[],"topics":[]}}', 'null'])(
  'a record %s is refused, naming the topic',
  (text) => {
    expect(() => parseRecord(text, 'app-topology')).toThrow(
      /topic app-topology holds no topology that this version can read/,
    );
  },
);

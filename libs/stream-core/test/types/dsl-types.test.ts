/** What must not compile. The compiler checks this file: each `@ts-expect-error` fails the build when the line below it compiles. */
import { expect, test } from '@jest/globals';
import { JoinWindows, SessionWindows, StreamsBuilder, TimeWindows, TopologyError, serdes } from '@playhead/stream-core';
import type { KStream, KTable, Topic, Windowed } from '@playhead/stream-core';

interface Beat {
  readonly country: string;
  readonly positionMs: number;
}

const beats: Topic<string, Beat> = { name: 'beats', key: serdes.string, value: serdes.json<Beat>() };
const counts: Topic<string, number> = { name: 'counts', key: serdes.string, value: serdes.long };

const stream = (): KStream<string, Beat> => new StreamsBuilder().stream(beats);

test('a topic gives its types to the stream', () => {
  const typed: KStream<string, Beat> = stream();
  typed.filter((beat) => beat.positionMs > 0);
  // @ts-expect-error a beat has no such field
  typed.filter((beat) => beat.position > 0);
  expect(typed.handle.key).toBe(serdes.string);
});

test('a wrong serde does not compile', () => {
  stream().groupBy((beat) => beat.country, { key: serdes.string });
  // @ts-expect-error the new key is a string
  stream().groupBy((beat) => beat.country, { key: serdes.long });
  // @ts-expect-error beats are no texts
  stream().repartition({ value: serdes.string });
  // @ts-expect-error the topic holds counts
  stream().to(counts);
  expect(() =>
    stream()
      .mapValues((beat) => beat.positionMs)
      .to(counts),
  ).not.toThrow();
});

test('an aggregator of the wrong type does not compile, nor an aggregate without a serde', () => {
  const grouped = stream().groupByKey();
  const zero = (): number => 0;
  const add = (sum: number, beat: Beat): number => sum + beat.positionMs;
  const label = (sum: number, beat: Beat): string => `${sum}${beat.country}`;
  const value = serdes.long;
  grouped.aggregate(zero, add, { value });
  // @ts-expect-error the aggregate is a number
  grouped.aggregate(zero, label, { value });
  // @ts-expect-error the serde is of another type
  grouped.aggregate(zero, add, { value: serdes.string });
  // @ts-expect-error without a serde nobody knows how to write it
  expect(() => grouped.aggregate(zero, add, {})).toThrow(TopologyError);
});

test('a windowed key is no plain key', () => {
  const windows = TimeWindows.of({ sizeMs: 10, graceMs: 0 });
  const counted: KTable<Windowed<string>, number> = stream().groupByKey().windowedBy(windows).count();
  const changes: KStream<Windowed<string>, number | null> = counted.toStream();
  // @ts-expect-error the key is a window of a key
  changes.to(counts);
  // @ts-expect-error a window has no length
  changes.filter((_count, key) => key.length > 0);
  expect(counted.queryableStoreName).toBeUndefined();
});

test('only windows close, and only sessions merge', () => {
  const windows = TimeWindows.of({ sizeMs: 10, graceMs: 0 });
  const grouped = stream().groupByKey();
  grouped.windowedBy(windows).count().suppress({ until: 'WINDOW_CLOSES' });
  // @ts-expect-error the table's keys are no windows
  expect(() => grouped.count().suppress({ until: 'WINDOW_CLOSES' })).toThrow(TopologyError);
  const sessions = grouped.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 0 }));
  const add = (sum: number, beat: Beat): number => sum + beat.positionMs;
  const merge = (a: number, b: number): number => a + b;
  sessions.aggregate(() => 0, add, merge, { value: serdes.long });
  // @ts-expect-error sessions have to be merged
  expect(() => sessions.aggregate(() => 0, add, { value: serdes.long })).toThrow(TypeError);
});

test('a grouped table and cogrouped streams know their types', () => {
  const builder = new StreamsBuilder();
  const table = builder.table(beats).groupBy((beat) => ({ key: beat.country, value: beat.positionMs }), {
    key: serdes.string,
    value: serdes.long,
  });
  const sums: KTable<string, number> = table.reduce(
    (a, b) => a + b,
    (a, b) => a - b,
  );
  const append = (all: string, text: string): string => all + text;
  // @ts-expect-error positions are numbers
  expect(() => table.aggregate(String, append, append, { value: serdes.string })).not.toThrow();
  const longest = stream()
    .groupByKey()
    .cogroup<number>((max, beat) => Math.max(max, beat.positionMs));
  longest.cogroup(builder.stream(counts).groupByKey(), (max, count) => Math.max(max, count));
  // @ts-expect-error counts have no position
  longest.cogroup(builder.stream(counts).groupByKey(), (max, count) => Math.max(max, count.positionMs));
  expect(sums.queryableStoreName).toBeUndefined();
});

test('a join sees the table’s type, with null where it may be missing', () => {
  const builder = new StreamsBuilder();
  const table = builder.table(counts);
  const source = builder.stream(beats);
  source.join(table, (beat, count) => beat.positionMs + count);
  // @ts-expect-error the count may be missing
  source.leftJoin(table, (beat, count) => beat.positionMs + count);
  // @ts-expect-error the table is keyed by strings
  source.selectKey((beat) => beat.positionMs).join(table, (beat) => beat, { key: serdes.long });
  expect(table.queryableStoreName).toBeUndefined();
});

test('tables of different rows are different types', () => {
  const builder = new StreamsBuilder();
  const table = builder.globalTable(counts);
  const source = builder.stream(beats);
  const add = (beat: Beat, count: number): number => beat.positionMs + count;
  source.joinGlobal(table, (beat) => beat.country, add);
  // @ts-expect-error the table is keyed by strings
  source.joinGlobal(table, (beat) => beat.positionMs, add);
  expect(table.queryableStoreName).toBeUndefined();
});

test('a join of streams sees both types, with null where a side may be missing', () => {
  const builder = new StreamsBuilder();
  const source = builder.stream(beats);
  const windows = JoinWindows.within(10, { graceMs: 0 });
  const options = { otherValue: beats.value };
  source.joinStream(source, (left, right) => left.positionMs - right.positionMs, windows, options);
  // @ts-expect-error the right one may be missing
  source.leftJoinStream(source, (left, right) => left.positionMs - right.positionMs, windows);
  // @ts-expect-error the left one may be missing
  source.outerJoinStream(source, (left) => left.positionMs, windows);
  // @ts-expect-error join windows look to both sides; a window of a size does not say where
  source.joinStream(source, (left) => left, { sizeMs: 10 });
  expect(windows.sizeMs).toBe(20);
});

test('a join of tables sees both types, and a foreign key has the other table’s', () => {
  const builder = new StreamsBuilder();
  const table = builder.table(counts);
  const sum = table.join(table, (left, right) => left + right);
  // @ts-expect-error the right one may be missing
  table.leftJoin(table, (left, right) => left + right);
  // @ts-expect-error the left one may be missing
  table.outerJoin(table, (left) => left + 1);
  const add = (left: number, right: number): number => left + right;
  sum.joinForeignKey(table, (count) => String(count), add, { leftValue: serdes.long });
  // @ts-expect-error the other table is keyed by strings
  sum.joinForeignKey(table, (count) => count, add, { leftValue: serdes.long });
  expect(sum.queryableStoreName).toBeUndefined();
});

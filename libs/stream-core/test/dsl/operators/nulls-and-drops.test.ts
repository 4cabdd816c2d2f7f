/** What becomes of records that lack their key or their value, at every operator: the table of the reference, run. */
import { describe, expect, test } from '@jest/globals';
import type { KGroupedStream, KStream, KTable, StreamsBuilder } from '@playhead/stream-core';
import { JoinWindows, SessionWindows, SlidingWindows, TimeWindows, serdes } from '@playhead/stream-core';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row, TextStream, TextTable } from '../operator-driver.ts';

type Text = string | null;
type Define = (stream: TextStream, builder: StreamsBuilder) => void;

/** What a record without a key, and one without a value, comes to: the texts of its results (null is a delete), or the reason why it is dropped. */
interface Fate {
  readonly operator: string;
  readonly define: Define;
  /** Records that are there already. */
  readonly before?: readonly Row[];
  readonly nullKey: readonly Text[] | string;
  readonly nullValue: readonly Text[] | string;
}

const text = (value: unknown): string => String(value);
const pair = (left: Text, right: Text): string => `${left}/${right}`;
const within = JoinWindows.within(10, { graceMs: 0 });
const send = (stream: TextStream | KStream<Text, string>): void => stream.to('out', TEXT);
/** A table of anything as a stream of texts; deletes stay null. */
function sendTable<K, V>(table: KTable<K, V>): void {
  table
    .toStream()
    .map((value, key) => ({ key: text(key) as Text, value: value === null ? null : text(value) }))
    .to('out', TEXT);
}
const grouped = (stream: TextStream): KGroupedStream<string, Text> => stream.groupByKey();
/** The other side of a join. */
const otherTable = (builder: StreamsBuilder): TextTable => builder.table<string, string>('other', TEXT);
const otherStream = (builder: StreamsBuilder): TextStream => streamIn(builder, 'other');

type Apply = (stream: TextStream, builder: StreamsBuilder) => TextStream;
const PASSING: readonly (readonly [operator: string, apply: Apply])[] = [
  ['filter', (stream) => stream.filter(() => true)],
  ['map', (stream) => stream.map((value, key) => ({ key, value }))],
  ['mapValues', (stream) => stream.mapValues((value) => value)],
  ['flatMap', (stream) => stream.flatMap((value, key) => [{ key, value }])],
  ['flatMapValues', (stream) => stream.flatMapValues((value) => [value])],
  ['selectKey', (stream) => stream.selectKey((_value, key) => key)],
  ['peek', (stream) => stream.peek(() => undefined)],
  ['merge', (stream, builder) => stream.merge(otherStream(builder))],
  ['split', (stream) => stream.split().defaultBranch()],
];

const windowed = (stream: TextStream) => grouped(stream).windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 }));
const FATES: readonly Fate[] = [
  ...PASSING.map(([operator, apply]): Fate => ({
    operator,
    define: (stream, builder) => send(apply(stream, builder)),
    nullKey: ['v'],
    nullValue: [null],
  })),
  {
    operator: 'repartition',
    define: (s) => send(s.repartition({ name: 'r', ...TEXT })),
    nullKey: [],
    nullValue: [null],
  },
  { operator: 'toTable', define: (s) => sendTable(s.toTable()), nullKey: 'null-key', nullValue: [null] },
  { operator: 'count', define: (s) => sendTable(grouped(s).count()), nullKey: 'null-key', nullValue: 'null-value' },
  {
    operator: 'reduce',
    define: (s) => sendTable(grouped(s).reduce((a, b) => a + b, TEXT)),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'cogroup',
    define: (s) =>
      sendTable(
        grouped(s)
          .cogroup<string>((all, value) => all + value)
          .aggregate(() => '', { value: serdes.string }),
      ),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  { operator: 'time windows', define: (s) => sendTable(windowed(s).count()), nullKey: 'null-key', nullValue: ['1'] },
  {
    operator: 'session windows',
    define: (s) =>
      sendTable(
        grouped(s)
          .windowedBy(SessionWindows.of({ inactivityGapMs: 1, graceMs: 0 }))
          .count(),
      ),
    nullKey: 'null-key',
    nullValue: ['1'],
  },
  {
    operator: 'sliding windows',
    define: (s) =>
      sendTable(
        grouped(s)
          .windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 0 }))
          .count(),
      ),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'joinStream',
    define: (s, b) => send(s.joinStream(otherStream(b), pair, within)),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'leftJoinStream',
    define: (s, b) => send(s.leftJoinStream(otherStream(b), pair, within)),
    nullKey: ['v/null'],
    nullValue: 'null-value',
  },
  {
    operator: 'outerJoinStream, from the right',
    define: (s, b) => send(otherStream(b).outerJoinStream(s, pair, within)),
    nullKey: ['null/v'],
    nullValue: 'null-value',
  },
  {
    operator: 'leftJoinStream, from the right',
    define: (s, b) => send(otherStream(b).leftJoinStream(s, pair, within)),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'join with a table',
    define: (s, b) => send(s.join(otherTable(b), pair)),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'leftJoin with a table',
    define: (s, b) => send(s.leftJoin(otherTable(b), pair)),
    nullKey: ['v/null'],
    nullValue: 'null-value',
  },
  {
    operator: 'joinGlobal by the key',
    define: (s, b) => send(s.joinGlobal(b.globalTable<string, string>('other', TEXT), (_value, key) => key, pair)),
    nullKey: 'null-key',
    nullValue: 'null-value',
  },
  {
    operator: 'leftJoinGlobal by the key',
    define: (s, b) => send(s.leftJoinGlobal(b.globalTable<string, string>('other', TEXT), (_value, key) => key, pair)),
    nullKey: ['v/null'],
    nullValue: 'null-value',
  },
  {
    operator: 'join of tables',
    define: (s, b) => sendTable(s.toTable({ storeName: 't' }).join(otherTable(b), pair)),
    before: [['other', 'k', 'r', 1]],
    nullKey: 'null-key',
    nullValue: [null],
  },
];

describe.each(FATES)('$operator', ({ define, before = [], nullKey, nullValue }) => {
  const fateOf = (key: Text, value: Text): readonly unknown[] | string => {
    const rows: Row[] = [...before, ['in', key, value, 2]];
    const { out, dropped } = runTopology((builder) => define(streamIn(builder), builder), rows);
    const results = out.map((row) => (row as unknown[])[2]);
    const reasons = Object.keys(dropped);
    return reasons.length === 0 ? results : [...results, ...reasons].join();
  };

  test('a record without a key', () => {
    expect(fateOf(null, 'v')).toEqual(nullKey);
  });

  test('a record without a value', () => {
    expect(fateOf('k', null)).toEqual(nullValue);
  });
});

/** Where windows begin and end, to the millisecond, and from when on a record is late. */
import { expect, test } from '@jest/globals';
import type { KGroupedStream, KTable, Windowed } from '@playhead/stream-core';
import { SessionWindows, SlidingWindows, TimeWindows, UnlimitedWindows, serdes } from '@playhead/stream-core';
import { runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

type Group = KGroupedStream<string, string | null>;
type Counts = KTable<Windowed<string>, number>;

const tumbling = (graceMs: number) => (group: Group) =>
  group.windowedBy(TimeWindows.of({ sizeMs: 10, graceMs })).count();
const hopping = (group: Group): Counts =>
  group.windowedBy(TimeWindows.of({ sizeMs: 10, advanceMs: 4, graceMs: 0 })).count();
const sliding = (graceMs: number) => (group: Group) =>
  group.windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs })).count();
const session = (graceMs: number) => (group: Group) =>
  group.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs })).count();
const unlimited = (group: Group): Counts => group.windowedBy(UnlimitedWindows.of({ startMs: 100 })).count();

/** What the last of some records of one key changes: windows, as `[start,end]=count`; and what has been dropped by then. */
interface Case {
  readonly what: string;
  readonly define: (group: Group) => Counts;
  readonly times: readonly number[];
  readonly last: readonly string[];
  readonly dropped?: Readonly<Record<string, number>>;
}

const LATE = { 'late-record': 1 };
const CASES: readonly Case[] = [
  { what: 'tumbling: the start belongs to it', define: tumbling(0), times: [20], last: ['[20,30]=1'] },
  { what: 'tumbling: the end does not', define: tumbling(0), times: [20, 30], last: ['[30,40]=1'] },
  { what: 'tumbling: its last millisecond does', define: tumbling(0), times: [20, 29], last: ['[20,30]=2'] },
  { what: 'tumbling: open until the end is reached', define: tumbling(0), times: [29, 21], last: ['[20,30]=2'] },
  { what: 'tumbling: closed when it is', define: tumbling(0), times: [30, 29], last: [], dropped: LATE },
  { what: 'tumbling: open within the grace', define: tumbling(5), times: [34, 29], last: ['[20,30]=1'] },
  { what: 'tumbling: closed when the grace is over', define: tumbling(5), times: [35, 29], last: [], dropped: LATE },
  { what: 'hopping: none starts before 0', define: hopping, times: [5], last: ['[0,10]=1', '[4,14]=1'] },
  { what: 'hopping: each that holds the record', define: hopping, times: [11], last: ['[4,14]=1', '[8,18]=1'] },
  {
    what: 'hopping: late for some of them',
    define: hopping,
    times: [14, 12],
    last: ['[8,18]=2', '[12,22]=2'],
    dropped: LATE,
  },
  { what: 'sliding: both ends belong to it', define: sliding(50), times: [20, 30], last: ['[21,31]=1', '[20,30]=2'] },
  { what: 'sliding: farther apart is apart', define: sliding(50), times: [20, 31], last: ['[21,31]=1'] },
  {
    what: 'sliding: open at its end, while [10,20] is closed',
    define: sliding(0),
    times: [30, 20],
    last: ['[20,30]=2', '[21,31]=1'],
    dropped: LATE,
  },
  { what: 'sliding: closed behind it', define: sliding(0), times: [31, 20], last: [], dropped: LATE },
  {
    what: 'session: the gap itself belongs to it',
    define: session(0),
    times: [20, 30],
    last: ['[20,20]=null', '[20,30]=2'],
  },
  { what: 'session: a longer pause divides', define: session(0), times: [20, 31], last: ['[31,31]=1'] },
  { what: 'session: the same time again', define: session(0), times: [20, 20], last: ['[20,20]=2'] },
  // Its store has just forgotten that time, as that of the original in memory: more retention would keep it.
  {
    what: 'session: open until gap and grace are over',
    define: session(5),
    times: [35, 20],
    last: ['[20,20]=1'],
    dropped: { 'expired-window-record': 1 },
  },
  { what: 'session: closed then', define: session(5), times: [36, 20], last: [], dropped: LATE },
  { what: 'unlimited: from its start on', define: unlimited, times: [100], last: ['[100,Infinity]=1'] },
  { what: 'unlimited: nothing before, and no drop', define: unlimited, times: [200, 99], last: [] },
];

test.each(CASES)('$what', ({ define, times, last, dropped = {} }) => {
  const rows: Row[] = times.map((time) => ['in', 'k', 'v', time]);
  const run = (count: number) =>
    runTopology(
      (builder) =>
        define(streamIn(builder).groupByKey())
          .toStream()
          .map((value, { startMs, endMs }) => ({ key: 'k', value: `[${startMs},${endMs}]=${value}` }))
          .to('out', { key: serdes.string, value: serdes.string }),
      rows.slice(0, count),
    );
  const before = run(times.length - 1).out.length;
  const all = run(times.length);
  expect(all.out.slice(before).map((row) => (row as unknown[])[2])).toEqual(last);
  expect(all.dropped).toEqual(dropped);
});

import { expect, test } from '@jest/globals';
import type { KGroupedStream } from '@playhead/stream-core';
import {
  ArgumentError,
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  TimeWindows,
  UnlimitedWindows,
  serdes,
} from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row, TextStream } from '../operator-driver.ts';

type Grouped = KGroupedStream<string, string | null>;

const groupOf = (stream: TextStream): Grouped => stream.groupByKey();
const counts = {
  tumbling: (grouped: Grouped) =>
    grouped
      .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 5 }))
      .emitStrategy('ON_WINDOW_CLOSE')
      .count(),
  hopping: (grouped: Grouped) =>
    grouped
      .windowedBy(TimeWindows.of({ sizeMs: 10, advanceMs: 5, graceMs: 5 }))
      .emitStrategy('ON_WINDOW_CLOSE')
      .count(),
  sliding: (grouped: Grouped) =>
    grouped
      .windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 5 }))
      .emitStrategy('ON_WINDOW_CLOSE')
      .count(),
  session: (grouped: Grouped) =>
    grouped
      .windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 5 }))
      .emitStrategy('ON_WINDOW_CLOSE')
      .count(),
};

/** The last record is so far ahead that every store forgets everything before it. */
const FAR_AHEAD: readonly Row[] = [
  ['in', 'b', 'v', 21],
  ['in', 'a', 'v', 21],
  ['in', 'a', 'v', 22],
  ['in', 'a', 'v', 10_000],
];

test.each([
  ['tumbling', ['a@[20,30] 2 22', 'b@[20,30] 1 21']],
  ['hopping', ['a@[15,25] 2 22', 'b@[15,25] 1 21', 'a@[20,30] 2 22', 'b@[20,30] 1 21']],
  ['sliding', ['a@[11,21] 1 21', 'b@[11,21] 1 21', 'a@[12,22] 2 22', 'a@[22,32] 1 22']],
  ['session', ['b@[21,21] 1 21', 'a@[21,22] 2 22']],
] as const)(
  '%s windows are sent once when they close, by time and key, before their store forgets them',
  (kind, wanted) => {
    const { out, dropped } = runTopology(
      (builder) =>
        counts[kind](groupOf(streamIn(builder)))
          .toStream()
          .map((value, key) => ({ key: String(key), value: String(value) }))
          .to('out', TEXT),
      FAR_AHEAD,
    );
    expect(out.map((row) => (row as unknown[]).slice(1).join(' '))).toEqual(wanted);
    expect(dropped).toEqual({});
  },
);

test.each([
  ['sessions', counts.session, [0, 15, 16], 'k@[0,0] 1 0'],
  [
    'sliding windows without a length',
    (grouped: Grouped) =>
      grouped
        .windowedBy(SlidingWindows.of({ timeDifferenceMs: 0, graceMs: 5 }))
        .emitStrategy('ON_WINDOW_CLOSE')
        .count(),
    [0, 5, 6],
    'k@[0,0] 1 0',
  ],
] as const)('%s that end the very retention ago are still sent', (_name, count, timestamps, wanted) => {
  const { out } = runTopology(
    (builder) =>
      count(groupOf(streamIn(builder)))
        .toStream()
        .map((value, key) => ({ key: String(key), value: String(value) }))
        .to('out', TEXT),
    timestamps.map((timestamp) => ['in', 'k', 'v', timestamp] as const),
  );
  expect(out.map((row) => (row as unknown[]).slice(1).join(' '))).toEqual([wanted]);
});

test('unlimited windows count from their start on, for ever, and never close', () => {
  const windows = UnlimitedWindows.of({ startMs: 10 });
  const { out } = runTopology(
    (builder) =>
      streamIn(builder)
        .groupByKey()
        .windowedBy(windows)
        .count()
        .toStream()
        .map((value, key) => ({ key: `${key.key}@${key.startMs}`, value: String(value) }))
        .to('out', TEXT),
    [
      ['in', 'k', 'v', 9],
      ['in', 'k', 'v', 10],
      ['in', 'k', 'v', 9_000_000_000],
      ['in', 'k', 'v', 11],
    ],
  );
  expect(out.map((row) => (row as unknown[]).slice(1))).toEqual([
    ['k@10', '1', 10],
    ['k@10', '2', 9_000_000_000],
    ['k@10', '3', 9_000_000_000],
  ]);
  const grouped = groupOf(streamIn(new StreamsBuilder()));
  expect(() => grouped.windowedBy(windows).emitStrategy('ON_WINDOW_CLOSE')).toThrow(ArgumentError);
});

test('the changelog of an unlimited window is kept as long as Kafka can say', () => {
  const builder = new StreamsBuilder();
  streamIn(builder).groupByKey().windowedBy(UnlimitedWindows.of()).count({ storeName: 'all' });
  const [changelog] = builder.build().plan('app').internalTopics;
  expect(changelog?.config['retention.ms']).toBe('9223372036854775807');
  expect(() => UnlimitedWindows.of({ startMs: -1 })).toThrow(ArgumentError);
});

test('records that reach windows which were sent are late', () => {
  const builder = new StreamsBuilder();
  counts
    .tumbling(groupOf(streamIn(builder)))
    .toStream()
    .to('out', { key: serdes.timeWindowed(TEXT.key, 10) });
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  for (const timestamp of [1, 30, 2, 31]) input.pipeInput('v', 'k', timestamp);
  const sent = driver.produced.filter(({ topic }) => topic === 'out');
  expect([sent.length, Object.fromEntries(driver.dropped)]).toEqual([1, { 'late-record': 1 }]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StreamsBuilder } from '@playhead/stream-core';
import { ArgumentError, SlidingWindows, TopologyError, serdes } from '@playhead/stream-core';
import { runTopology, streamIn } from '../operator-driver.ts';

/** The final content of every window, from all pairs of records: each record's own window, and the one right after it where a later record falls into it. */
function windowsBySlowWay(timestamps: readonly number[], differenceMs: number): Record<string, number> {
  const starts = new Set<number>();
  for (const t of timestamps) {
    starts.add(Math.max(0, t - differenceMs));
    if (timestamps.some((other) => other > t && other <= t + 1 + differenceMs)) starts.add(t + 1);
  }
  const windows: Record<string, number> = {};
  for (const start of starts) {
    const count = timestamps.filter((t) => t >= start && t <= start + differenceMs).length;
    windows[`k@[${start},${start + differenceMs}]`] = count;
  }
  return windows;
}

test('in the end every window holds what a brute force finds in it, whatever the order of the records', () => {
  const timestamps = fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 25 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), timestamps, (timeDifferenceMs, input) => {
      const { out, dropped } = runTopology(
        (builder) =>
          streamIn(builder)
            .groupByKey()
            .windowedBy(SlidingWindows.of({ timeDifferenceMs, graceMs: 1000 }))
            .count()
            .toStream()
            .map((value, key) => ({ key: String(key), value }))
            .to('out', { key: serdes.string, value: serdes.long }),
        input.map((timestamp) => ['in', 'k', 'v', timestamp] as const),
        serdes.long,
      );
      const last = Object.fromEntries(out.map((row) => (row as unknown[]).slice(1, 3) as [string, number]));
      expect(last).toEqual(windowsBySlowWay(input, timeDifferenceMs));
      expect(dropped).toEqual({});
    }),
  );
});

const windowed = (define: (builder: StreamsBuilder) => void) => () => runTopology(define, []);
const windows = SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 5 });

test('a store keeps twice the difference plus the grace, and aggregates are never changed in place', () => {
  const grouped = (builder: StreamsBuilder) => streamIn(builder).groupByKey().windowedBy(windows);
  expect(windowed((builder) => grouped(builder).count({ retentionMs: 24 }))).toThrow(ArgumentError);
  expect(windowed((builder) => grouped(builder).count({ retentionMs: 25 }))).not.toThrow();
  const options = { value: serdes.string, mutates: true };
  expect(windowed((builder) => grouped(builder).aggregate(String, (a) => a, options))).toThrow(TopologyError);
});

test('records without a key or without a value are dropped', () => {
  const { dropped } = runTopology(
    (builder) => streamIn(builder).groupByKey().windowedBy(windows).count(),
    [
      ['in', null, 'v', 1],
      ['in', 'k', null, 1],
      ['in', 'k', 'v', 100],
      ['in', 'k', 'late', 84],
    ],
  );
  expect(dropped).toEqual({ 'null-key': 1, 'null-value': 1, 'late-record': 1 });
});

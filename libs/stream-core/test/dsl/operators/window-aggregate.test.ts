import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ArgumentError, StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { runTopology, streamIn } from '../operator-driver.ts';

const TEXT_WINDOWS = { key: serdes.timeWindowed(serdes.string, 10), value: serdes.string };

const KEYS = fc.constantFrom('a', 'b');
const WINDOWS = fc
  .record({
    sizeMs: fc.integer({ min: 1, max: 30 }),
    advance: fc.integer({ min: 1, max: 30 }),
    graceMs: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ sizeMs, advance, graceMs }) => ({ sizeMs, advanceMs: Math.min(sizeMs, advance), graceMs }));

/** What the windows of every record hold, computed the slow way: section 2.2 of the reference. */
function countBySlowWay(
  records: readonly (readonly [key: string, timestamp: number])[],
  { sizeMs, advanceMs, graceMs }: { sizeMs: number; advanceMs: number; graceMs: number },
): { out: unknown[]; late: number } {
  const counts = new Map<string, { count: number; timestamp: number }>();
  const out: unknown[] = [];
  let late = 0;
  let observed = -1;
  for (const [key, timestamp] of records) {
    observed = Math.max(observed, timestamp);
    for (let start = 0; start <= timestamp; start += advanceMs) {
      if (timestamp >= start + sizeMs) continue;
      if (start + sizeMs <= observed - graceMs) {
        late++;
        continue;
      }
      const name = `${key}@[${start},${start + sizeMs}]`;
      const before = counts.get(name) ?? { count: 0, timestamp: -1 };
      const after = { count: before.count + 1, timestamp: Math.max(before.timestamp, timestamp) };
      counts.set(name, after);
      out.push(['out', name, after.count, after.timestamp]);
    }
  }
  return { out, late };
}

test('counts per window are those of a brute force, for random windows and out-of-order records', () => {
  const records = fc.array(fc.tuple(KEYS, fc.integer({ min: 0, max: 120 })), { maxLength: 60 });
  fc.assert(
    fc.property(WINDOWS, records, (windows, input) => {
      const { out, dropped } = runTopology(
        (builder) =>
          streamIn(builder)
            .groupByKey()
            .windowedBy(TimeWindows.of(windows))
            .count()
            .toStream()
            .map((value, key) => ({ key: String(key), value }))
            .to('out', { key: serdes.string, value: serdes.long }),
        input.map(([key, timestamp]) => ['in', key, 'v', timestamp] as const),
        serdes.long,
      );
      const slow = countBySlowWay(input, windows);
      expect({ out, late: dropped['late-record'] ?? 0 }).toEqual(slow);
    }),
  );
});

test('records without a value are aggregated, records without a key are dropped', () => {
  const { out, dropped } = runTopology(
    (builder) =>
      streamIn(builder)
        .groupByKey()
        .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 }))
        .aggregate(
          () => '',
          (aggregate, value) => `${aggregate}+${value}`,
          { value: serdes.string },
        )
        .toStream()
        .to('out', TEXT_WINDOWS),
    [
      ['in', 'k', null, 1],
      ['in', null, 'v', 2],
      ['in', 'k', 'v', 12],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(['+null', '+v']);
  expect(dropped).toEqual({ 'null-key': 1 });
});

test('a store keeps its windows for the retention, which is no shorter than size plus grace', () => {
  const define = (retentionMs: number) => (builder: StreamsBuilder) => {
    const windows = TimeWindows.of({ sizeMs: 10, graceMs: 5 });
    streamIn(builder).groupByKey().windowedBy(windows).count({ storeName: 'w', retentionMs });
  };
  expect(() => runTopology(define(14), [])).toThrow(ArgumentError);
  const builder = new StreamsBuilder();
  define(40)(builder);
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', key: serdes.string, value: serdes.string });
  for (const timestamp of [0, 25, 39, 40]) input.pipeInput('v', 'k', timestamp);
  expect(Array.from(driver.windowStore('w').all(), ({ windowStartMs }) => windowStartMs)).toEqual([20, 30, 40]);
});

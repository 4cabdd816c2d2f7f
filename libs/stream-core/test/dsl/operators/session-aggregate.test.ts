import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ArgumentError, SessionWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';

const windows = SessionWindows.of({ inactivityGapMs: 10, graceMs: 5 });
const TEXT_SESSIONS = { key: serdes.sessionWindowed(serdes.string), value: serdes.string };

const joined = (builder: StreamsBuilder) =>
  streamIn(builder)
    .groupByKey()
    .windowedBy(windows)
    .aggregate(
      () => '',
      (aggregate, value) => `${aggregate}+${value}`,
      (a, b) => `${a}|${b}`,
      { value: serdes.string },
    );

test('a record merges the sessions within the gap of it: theirs are deleted, the whole is sent with its end as timestamp', () => {
  const { out, dropped } = runTopology(
    (builder) =>
      joined(builder)
        .toStream()
        .map((value, key) => ({ key: String(key), value }))
        .to('out', TEXT),
    [
      ['in', 'k', 'a', 0],
      ['in', 'k', 'b', 14],
      ['in', 'k', 'c', 8],
      ['in', 'k', null, 8],
      ['in', 'k', 'far', 100],
      ['in', 'k', 'late', 84],
      ['in', null, 'x', 100],
    ],
  );
  expect(out.map((row) => (row as unknown[]).slice(1))).toEqual([
    ['k@[0,0]', '+a', 0],
    ['k@[14,14]', '+b', 14],
    ['k@[0,0]', null, 0],
    ['k@[14,14]', null, 14],
    ['k@[0,14]', '|+a|+b+c', 14],
    ['k@[0,14]', null, 14],
    ['k@[0,14]', '||+a|+b+c+null', 14],
    ['k@[100,100]', '+far', 100],
  ]);
  expect(dropped).toEqual({ 'late-record': 1, 'null-key': 1 });
});

test('sessions are the runs of timestamps no further apart than the gap, whatever the order of the records', () => {
  const timestamps = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 40 });
  fc.assert(
    fc.property(timestamps, (input) => {
      const builder = new StreamsBuilder();
      const forgiving = SessionWindows.of({ inactivityGapMs: 10, graceMs: 1000 });
      streamIn(builder).groupByKey().windowedBy(forgiving).count({ storeName: 's' });
      const driver = new TopologyTestDriver(builder.build());
      for (const timestamp of input) driver.createInputTopic({ name: 'in', ...TEXT }).pipeInput('v', 'k', timestamp);
      const runs: number[][] = [];
      for (const t of input.toSorted((a, b) => a - b)) {
        const last = runs.at(-1);
        if (last !== undefined && t - (last[1] as number) <= 10) runs.splice(-1, 1, [last[0]!, t, last[2]! + 1]);
        else runs.push([t, t, 1]);
      }
      const sessions = driver.sessionStore<string, number>('s').all();
      expect(Array.from(sessions, ({ startMs, endMs, value }) => [startMs, endMs, value])).toEqual(runs);
    }),
  );
});

test('reduce takes the first value as it is; headers of the record do not travel with a session', () => {
  const builder = new StreamsBuilder();
  const reduced = streamIn(builder)
    .groupByKey()
    .windowedBy(windows)
    .reduce((a, b) => `${a}${b}`);
  reduced.toStream().to('out', TEXT_SESSIONS);
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  const headers = [{ key: 'h', value: Buffer.from('x') }];
  for (const [value, timestamp] of [
    ['a', 0],
    ['b', 14],
    ['c', 7],
  ] as const) {
    input.pipeInput(value, 'k', timestamp, { headers });
  }
  const records = driver.createOutputTopic({ name: 'out', ...TEXT_SESSIONS }).readRecords();
  expect(records.map(({ key, value }) => [String(key), value])).toEqual([
    ['k@[0,0]', 'a'],
    ['k@[14,14]', 'b'],
    ['k@[0,0]', null],
    ['k@[14,14]', null],
    ['k@[0,14]', 'abc'],
  ]);
  expect(records.flatMap((record) => record.headers)).toEqual([]);
});

test('a store keeps its sessions for the retention, which is no shorter than gap plus grace', () => {
  const define = (retentionMs: number) => () =>
    runTopology((builder) => streamIn(builder).groupByKey().windowedBy(windows).count({ retentionMs }), []);
  expect(define(14)).toThrow(ArgumentError);
  expect(define(15)).not.toThrow();
});

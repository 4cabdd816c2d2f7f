import { expect, test } from '@jest/globals';
import type { KTable, StreamsBuilder } from '@playhead/stream-core';
import {
  SessionWindows,
  StreamsBuilder as Builder,
  StreamsError,
  TimeWindows,
  TopologyError,
} from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row, TextTable } from '../operator-driver.ts';

const ROWS: readonly Row[] = [
  ['in', 'a', 'a1', 1],
  ['in', 'b', 'b1', 2],
  ['in', 'a', 'a2', 3],
  ['in', 'b', null, 4],
  ['in', 'c', 'c1', 12],
];

test.each<[name: string, suppress: (table: TextTable) => TextTable, out: unknown[]]>([
  [
    'until a time limit, the last change of each key, in the order of the first',
    (table) => table.suppress({ until: 'TIME_LIMIT', limitMs: 10 }),
    [
      ['a', 'a2', 3],
      ['b', null, 4],
    ],
  ],
  [
    'in a buffer of one record, whatever does not fit goes early',
    (table) => table.suppress({ until: 'TIME_LIMIT', limitMs: 100, maxRecords: 1 }),
    [
      ['a', 'a1', 1],
      ['b', 'b1', 2],
      ['a', 'a2', 3],
      ['b', null, 4],
    ],
  ],
  [
    'in a buffer of some bytes',
    // 8 + key 1 + timestamp 8 + offset 8 + topic 2 + partition 4 + value 2 = 33 a change.
    (table) => table.suppress({ until: 'TIME_LIMIT', limitMs: 100, maxBytes: 66 }),
    [['a', 'a2', 3]],
  ],
])('%s', (_name, suppress, wanted) => {
  const { out } = runTopology((builder) => {
    suppress(builder.table<string, string>('in', TEXT)).toStream().to('out', TEXT);
  }, ROWS);
  expect(out.map((row) => (row as unknown[]).slice(1))).toEqual(wanted);
});

test('a full buffer that must not send early stops the task', () => {
  const define = (builder: StreamsBuilder): void => {
    builder.table<string, string>('in', TEXT).suppress({
      until: 'TIME_LIMIT',
      limitMs: 100,
      maxRecords: 1,
      whenFull: 'SHUT_DOWN',
    });
  };
  expect(() => runTopology(define, ROWS)).toThrow(StreamsError);
});

const windowed = (builder: StreamsBuilder) =>
  streamIn(builder)
    .groupByKey()
    .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 5 }))
    .count();
const sessions = (builder: StreamsBuilder) =>
  streamIn(builder)
    .groupByKey()
    .windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 5 }))
    .count();

test.each([
  ['time windows', windowed, ['k@[0,10] 3 9']],
  // The merged session's deletes are left out; gap and grace have passed at 25.
  ['sessions', sessions, ['k@[1,9] 3 9']],
] as const)('%s go once, when they have closed', (_name, table, wanted) => {
  const { out } = runTopology(
    (builder) => {
      table(builder)
        .suppress({ until: 'WINDOW_CLOSES' })
        .toStream()
        .map((value, key) => ({ key: String(key), value: String(value) }))
        .to('out', TEXT);
    },
    [1, 9, 2, 25].map((timestamp) => ['in', 'k', 'v', timestamp] as const),
  );
  expect(out.map((row) => (row as unknown[]).slice(1).join(' '))).toEqual(wanted);
});

test('only below a windowed aggregation is there something that closes', () => {
  const table = new Builder().table<string, string>('in', TEXT) as unknown as KTable<never, string>;
  expect(() => table.suppress({ until: 'WINDOW_CLOSES' } as never)).toThrow(TopologyError);
});

test('the buffer comes back from its changelog with times, places and origins', () => {
  const make = (): TopologyTestDriver => {
    const builder = new Builder();
    const table = builder.table<string, string>('in', TEXT).suppress({ until: 'TIME_LIMIT', limitMs: 10, name: 's' });
    table.toStream().to('out', TEXT);
    return new TopologyTestDriver(builder.build());
  };
  const [first, second] = [make(), make()];
  const input = first.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('a1', 'a', 1, { headers: [{ key: 'h', value: Buffer.from('x') }] });
  for (const { topic, key, value, timestamp } of first.produced) {
    if (topic === 'app-s-store-changelog') second.store('s-store').restore(key as Buffer, value, timestamp);
  }
  second.createInputTopic({ name: 'in', ...TEXT }).pipeInput('b1', 'b', 11);
  const [record] = second.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  expect([record?.key, record?.value, record?.timestamp, record?.headers[0]?.key]).toEqual(['a', 'a1', 1, 'h']);
});

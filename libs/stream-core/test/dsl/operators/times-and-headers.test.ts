/** Which time and whose headers results have, at every operator that has a choice. */
import { expect, test } from '@jest/globals';
import type { KTable } from '@playhead/stream-core';
import {
  JoinWindows,
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  TimeWindows,
  serdes,
} from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT } from '../operator-driver.ts';

/** A record with its number, from 1, as its only header. */
type Input = readonly [topic: string, key: string, value: string | null, timestamp: number];

const builderOf = (): StreamsBuilder => new StreamsBuilder();
const left = (builder: StreamsBuilder) => builder.stream<string, string>('left', TEXT);
const right = (builder: StreamsBuilder) => builder.stream<string, string>('right', TEXT);
const leftTable = (builder: StreamsBuilder, options = {}) =>
  builder.table<string, string>('left', { ...TEXT, storeName: 'left', ...options });
const rightTable = (builder: StreamsBuilder, options = {}) =>
  builder.table<string, string>('right', { ...TEXT, storeName: 'right', ...options });
const pair = (a: string | null, b: string | null): string => `${a}/${b}`;
const within = JoinWindows.within(10, { graceMs: 0 });
const tumbling = TimeWindows.of({ sizeMs: 10, graceMs: 0 });
const sessions = SessionWindows.of({ inactivityGapMs: 10, graceMs: 0 });

function send<K, V>(table: KTable<K, V>): void {
  table
    .toStream()
    .map((value, key) => ({ key: String(key), value: value === null ? null : String(value) }))
    .to('out', TEXT);
}

/** Each result as `value@time[header]`. */
function run(define: (builder: StreamsBuilder) => void, inputs: readonly Input[], cacheMaxBytes = 0): string[] {
  const builder = builderOf();
  define(builder);
  const driver = new TopologyTestDriver(builder.build(), { cacheMaxBytes });
  for (const [i, [name, key, value, timestamp]] of inputs.entries()) {
    const headers = [{ key: String(i + 1), value: null }];
    driver.createInputTopic({ name, ...TEXT }).pipeInput(value, key, timestamp, { headers });
  }
  const results = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.string }).readRecords();
  driver.close();
  return results.map(
    ({ value, timestamp, headers }) => `${value}@${timestamp}[${headers.map(({ key }) => key).join()}]`,
  );
}

const LATE: readonly Input[] = [
  ['left', 'k', 'a', 9],
  ['left', 'k', 'b', 5],
];
const CLOSING: readonly Input[] = [...LATE, ['left', 'other', 'c', 30]];
const BOTH: readonly Input[] = [
  ['right', 'k', 'r', 9],
  ['left', 'k', 'a', 5],
];

test.each<[operator: string, define: (builder: StreamsBuilder) => void, inputs: readonly Input[], out: string[]]>([
  ['a stream', (b) => left(b).to('out'), LATE, ['a@9[1]', 'b@5[2]']],
  [
    'flatMap',
    (b) =>
      left(b)
        .flatMapValues((v) => [v, v])
        .to('out', TEXT),
    LATE.slice(1),
    ['b@5[1]', 'b@5[1]'],
  ],
  ['repartition', (b) => left(b).repartition({ name: 'r' }).to('out'), LATE, ['a@9[1]', 'b@5[2]']],
  ['a table', (b) => send(leftTable(b)), LATE, ['a@9[1]', 'b@5[2]']],
  ['count', (b) => send(left(b).groupByKey().count()), LATE, ['1@9[1]', '2@9[2]']],
  ['tumbling windows', (b) => send(left(b).groupByKey().windowedBy(tumbling).count()), LATE, ['1@9[1]', '2@9[2]']],
  [
    'sliding windows',
    (b) =>
      send(
        left(b)
          .groupByKey()
          .windowedBy(SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 0 }))
          .count(),
      ),
    LATE,
    ['1@9[1]', '1@9[2]', '2@9[2]'],
  ],
  ['sessions', (b) => send(left(b).groupByKey().windowedBy(sessions).count()), LATE, ['1@9[]', 'null@9[]', '2@9[]']],
  [
    'windows sent when they close',
    (b) => send(left(b).groupByKey().windowedBy(tumbling).emitStrategy('ON_WINDOW_CLOSE').count()),
    CLOSING,
    ['2@9[3]'],
  ],
  [
    'sessions sent when they close',
    (b) => send(left(b).groupByKey().windowedBy(sessions).emitStrategy('ON_WINDOW_CLOSE').count()),
    CLOSING,
    ['2@9[3]'],
  ],
  [
    'suppress',
    (b) => send(left(b).groupByKey().windowedBy(tumbling).count().suppress({ until: 'WINDOW_CLOSES' })),
    CLOSING,
    ['2@9[2]'],
  ],
  [
    'a grouped table, of which half goes and half comes',
    (b) =>
      send(
        leftTable(b)
          .groupBy((v, k) => ({ key: v, value: k }), TEXT)
          .count(),
      ),
    LATE,
    ['1@9[1]', '0@9[2]', '1@5[2]'],
  ],
  ['a join of streams', (b) => left(b).joinStream(right(b), pair, within).to('out', TEXT), BOTH, ['a/r@9[2]']],
  [
    'a record without a partner',
    (b) => left(b).leftJoinStream(right(b), pair, within).to('out', TEXT),
    [...LATE.slice(1), ['right', 'other', 'r', 30]],
    ['b/null@5[2]'],
  ],
  ['a join with a table', (b) => left(b).join(rightTable(b), pair).to('out', TEXT), BOTH, ['a/r@5[2]']],
  ['a join of tables', (b) => send(leftTable(b).join(rightTable(b), pair)), BOTH, ['a/r@9[2]']],
  [
    'a foreign-key join, by the row that names',
    (b) => send(leftTable(b).joinForeignKey(rightTable(b), () => 'k', pair)),
    BOTH,
    ['a/r@9[2]'],
  ],
  [
    'a foreign-key join, by the row that is named: its own time',
    (b) => send(leftTable(b).joinForeignKey(rightTable(b), () => 'k', pair)),
    BOTH.map(([topic, ...rest]) => [topic === 'left' ? 'right' : 'left', ...rest]),
    ['r/a@5[2]'],
  ],
  [
    'a join that waits for a versioned table',
    (b) =>
      left(b)
        .join(rightTable(b, { historyMs: 20 }), pair, { graceMs: 10 })
        .to('out', TEXT),
    [['right', 'k', 'r', 1], ...LATE.slice(1), ['left', 'k', 'c', 15]],
    ['b/r@5[2]'],
  ],
])('%s', (_operator, define, inputs, out) => {
  expect(run(define, inputs)).toEqual(out);
});

test('a cache sends the last change with its own headers, sessions too', () => {
  const letters = (b: StreamsBuilder) =>
    left(b)
      .flatMapValues((value) => value.split(''))
      .groupByKey(TEXT);
  const inputs: readonly Input[] = [
    ['left', 'k', 'ab', 9],
    ['left', 'k', 'cd', 5],
  ];
  expect(run((b) => send(letters(b).count()), inputs, 10_000)).toEqual(['2@9[1]', '4@9[2]']);
  expect(run((b) => send(letters(b).windowedBy(sessions).count()), inputs, 10_000)).toEqual([
    '2@9[1]',
    'null@9[2]',
    '4@9[2]',
  ]);
});

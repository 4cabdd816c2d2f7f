import { describe, expect, test } from '@jest/globals';
import { ArgumentError, JoinWindows, StreamsBuilder, TopologyError } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

const within10 = JoinWindows.within(10, { graceMs: 5 });
const pair = (left: string | null, right: string | null): string => `${left}/${right}`;
type Method = 'joinStream' | 'leftJoinStream' | 'outerJoinStream';

function run(method: Method, rows: readonly Row[], windows = within10): { out: unknown[]; dropped: object } {
  const { out, dropped } = runTopology((builder) => {
    streamIn(builder, 'left')[method](streamIn(builder, 'right'), pair, windows).to('out', TEXT);
  }, rows);
  return { out: out.map((row) => (row as unknown[]).slice(1)), dropped };
}

describe('pairs', () => {
  test.each([
    { difference: -11, isJoined: false },
    { difference: -10, isJoined: true },
    { difference: 10, isJoined: true },
    { difference: 11, isJoined: false },
  ])('are joined within the window, both ends included: $difference', ({ difference, isJoined }) => {
    const { out } = run('joinStream', [
      ['left', 'k', 'l', 50],
      ['right', 'k', 'r', 50 + difference],
    ]);
    expect(out).toEqual(isJoined ? [['k', 'l/r', Math.max(50, 50 + difference)]] : []);
  });

  test('look backwards and forwards by different distances', () => {
    const windows = JoinWindows.of({ beforeMs: 0, afterMs: 5, graceMs: 0 });
    const rows: Row[] = [
      ['left', 'k', 'l', 50],
      ['right', 'k', 'before', 49],
      ['right', 'k', 'after', 55],
    ];
    expect(run('joinStream', rows, windows).out).toEqual([['k', 'l/after', 55]]);
  });

  test('of one key and time are all there, in the order they came', () => {
    const rows: Row[] = [
      ['left', 'k', 'l1', 5],
      ['left', 'k', 'l2', 5],
      ['right', 'k', 'r', 4],
    ];
    expect(run('joinStream', rows).out).toEqual([
      ['k', 'l1/r', 5],
      ['k', 'l2/r', 5],
    ]);
  });
});

test('records without key or value are dropped by an inner join; outer joins answer those that have a value', () => {
  const rows: Row[] = [
    ['left', null, 'l', 1],
    ['left', 'k', null, 2],
    ['right', null, 'r', 3],
  ];
  expect(run('joinStream', rows)).toEqual({ out: [], dropped: { 'null-key': 2, 'null-value': 1 } });
  expect(run('leftJoinStream', rows).out).toEqual([[null, 'l/null', 1]]);
  expect(run('outerJoinStream', rows)).toEqual({
    out: [
      [null, 'l/null', 1],
      [null, 'null/r', 3],
    ],
    dropped: { 'null-value': 1 },
  });
});

describe('a record without a partner', () => {
  const rows: Row[] = [
    ['left', 'k', 'l', 10],
    ['right', 'm', 'r', 11],
    ['left', 'x', 'at the end', 25],
    ['left', 'x', 'behind it', 27],
  ];

  test.each([
    { method: 'joinStream' as const, answered: [] },
    { method: 'leftJoinStream' as const, answered: [['k', 'l/null', 10]] },
    {
      method: 'outerJoinStream' as const,
      answered: [
        ['k', 'l/null', 10],
        ['m', 'null/r', 11],
      ],
    },
  ])('is answered when its window and the grace are over: $method', ({ method, answered }) => {
    expect(run(method, rows).out).toEqual(answered);
    expect(run(method, rows.slice(0, 3)).out).toEqual([]);
  });

  test('is answered at once when its window is over as it comes', () => {
    const late: Row[] = [
      ['right', 'm', 'r', 100],
      ['left', 'k', 'late', 80],
    ];
    expect(run('leftJoinStream', late).out).toEqual([['k', 'late/null', 80]]);
  });

  test('that its joiner cannot take holds up no other, when the handler says so', () => {
    const builder = new StreamsBuilder();
    const joiner = (left: string | null, right: string | null): string => {
      if (left === 'poison') throw new Error('cannot be joined');
      return pair(left, right);
    };
    streamIn(builder, 'left').leftJoinStream(streamIn(builder, 'right'), joiner, within10).to('out', TEXT);
    const deadLetters: (number | undefined)[] = [];
    const driver = new TopologyTestDriver(builder.build(), {
      processingHandler: ({ offset }) => {
        deadLetters.push(offset);
        return 'dead-letter';
      },
    });
    const input = driver.createInputTopic({ name: 'left', ...TEXT });
    for (const [at, value] of ['poison', 'a', 'b', 'c'].entries()) input.pipeInput(value, `k${at}`, at * 20);
    expect(driver.createOutputTopic({ name: 'out', ...TEXT }).readValuesToList()).toEqual(['a/null', 'b/null']);
    expect([Object.fromEntries(driver.dropped), driver.producedTopicNames.has('left.dead-letter')]).toEqual([
      { 'processing-error': 1 },
      false,
    ]);
    expect(deadLetters).toEqual([undefined]);
  });

  test('that finds one meanwhile is not answered alone', () => {
    const met: Row[] = [
      ['left', 'k', 'l', 10],
      ['right', 'k', 'r', 15],
      ['left', 'x', 'later', 90],
    ];
    expect(run('outerJoinStream', met).out).toEqual([['k', 'l/r', 15]]);
  });
});

test('a record that is too old to be kept still finds what is there', () => {
  const rows: Row[] = [
    ['right', 'k', 'r', 30],
    ['left', 'm', 'l', 60],
    ['left', 'k', 'old', 25],
    ['right', 'k', 'r2', 34],
  ];
  expect(run('joinStream', rows)).toEqual({ out: [['k', 'old/r', 30]], dropped: { 'expired-window-record': 1 } });
});

test.each([
  { beforeMs: -6, afterMs: 5, graceMs: 0 },
  { beforeMs: 5, afterMs: 5, graceMs: -1 },
  { beforeMs: 0.5, afterMs: 5, graceMs: 0 },
])('windows that make no sense are refused: %j', (options) => {
  expect(() => JoinWindows.of(options)).toThrow(ArgumentError);
});

test('a join cannot take the stores of another one', () => {
  const builder = new StreamsBuilder();
  const a = streamIn(builder, 'a');
  const b = streamIn(builder, 'b');
  a.joinStream(b, pair, within10, { storeName: 's' });
  a.joinStream(b, pair, within10, { storeName: 's' });
  expect(() => builder.build()).toThrow(TopologyError);
});

test('a stream joined with itself pairs each record with itself once, and every two records twice', () => {
  const { out } = runTopology(
    (builder) => {
      const stream = streamIn(builder);
      stream.joinStream(stream, pair, within10).to('out', TEXT);
    },
    [
      ['in', 'k', 'a', 1],
      ['in', 'k', 'b', 2],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(['a/a', 'b/a', 'a/b', 'b/b']);
});

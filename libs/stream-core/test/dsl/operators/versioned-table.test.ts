import { describe, expect, test } from '@jest/globals';
import { ArgumentError, StreamsBuilder, TopologyError } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Outcome, Row } from '../operator-driver.ts';

const pair = (left: string, right: string | null): string => `${left}/${right}`;
const VERSIONED = { ...TEXT, storeName: 'v', historyMs: 20 };

function joined(rows: readonly Row[], options: { graceMs?: number; isLeft?: boolean } = {}): Outcome {
  const { graceMs, isLeft = false } = options;
  const outcome = runTopology((builder) => {
    const table = builder.table<string, string>('table', VERSIONED);
    const stream = streamIn(builder);
    (isLeft ? stream.leftJoin(table, pair, { graceMs }) : stream.join(table, pair, { graceMs })).to('out', TEXT);
  }, rows);
  return { ...outcome, out: outcome.out.map((row) => (row as unknown[]).slice(2)) };
}

const TABLE: readonly Row[] = [
  ['table', 'k', 'old', 10],
  ['table', 'k', 'new', 20],
];

describe('a join with a versioned table', () => {
  test.each([
    { at: 9, found: [] },
    { at: 10, found: [['x/old', 10]] },
    { at: 19, found: [['x/old', 19]] },
    { at: 20, found: [['x/new', 20]] },
  ])('sees it as it was at the record’s time: $at', ({ at, found }) => {
    expect(joined([...TABLE, ['in', 'k', 'x', at]]).out).toEqual(found);
  });

  test('with grace waits, and then answers in the order of time', () => {
    const rows: Row[] = [
      ['in', 'k', 'b', 16],
      ['in', 'k', 'a', 15],
      ['table', 'k', 'late', 12],
      ['in', 'k', 'c', 25],
      ['in', 'k', 'd', 26],
    ];
    expect(joined(rows, { graceMs: 10 }).out).toEqual([
      ['a/late', 15],
      ['b/late', 16],
    ]);
    expect(joined(rows.slice(0, 4), { graceMs: 10 }).out).toEqual([['a/late', 15]]);
  });

  test('with grace answers at once what comes too late to wait', () => {
    const rows: Row[] = [...TABLE, ['in', 'k', 'x', 40], ['in', 'k', 'late', 20]];
    expect(joined(rows, { graceMs: 10 }).out).toEqual([['late/new', 20]]);
  });

  test('with grace goes on after a record that its joiner cannot take, when the handler says so', () => {
    const builder = new StreamsBuilder();
    const joiner = (left: string | null, right: string): string => {
      if (left === 'poison') throw new Error('cannot be joined');
      return `${left}/${right}`;
    };
    const table = builder.table<string, string>('table', VERSIONED);
    streamIn(builder).join(table, joiner, { graceMs: 10 }).to('out', TEXT);
    const driver = new TopologyTestDriver(builder.build(), { processingHandler: () => 'continue' });
    driver.createInputTopic({ name: 'table', ...TEXT }).pipeInput('t', 'k', 0);
    const input = driver.createInputTopic({ name: 'in', ...TEXT });
    for (const [at, value] of ['poison', 'a', 'b', 'c'].entries()) input.pipeInput(value, 'k', 10 + at * 5);
    const out = driver.createOutputTopic({ name: 'out', ...TEXT });
    expect(out.readValuesToList()).toEqual(['a/t']);
    expect(Object.fromEntries(driver.dropped)).toEqual({ 'processing-error': 1 });
  });

  test('with grace answers a record without a key at once, if it is a left join', () => {
    expect(joined([['in', null, 'x', 1]], { graceMs: 10, isLeft: true }).out).toEqual([['x/null', 1]]);
    expect(joined([['in', null, 'x', 1]], { graceMs: 10 }).dropped).toEqual({ 'null-key': 1 });
  });
});

test('a late change is passed on, one from before the history is dropped', () => {
  const { out, dropped } = runTopology(
    (builder) => {
      builder.table<string, string>('table', VERSIONED).toStream().to('out', TEXT);
    },
    [
      ['table', 'k', 'a', 50],
      ['table', 'k', 'late', 30],
      ['table', 'k', 'too late', 29],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(['a', 'late']);
  expect(dropped).toEqual({ 'expired-version': 1 });
});

test('a late change changes no join of tables', () => {
  const { out, dropped } = runTopology(
    (builder) => {
      const left = builder.table<string, string>('table', VERSIONED);
      left.join(builder.table<string, string>('right', TEXT), pair).toStream().to('out', TEXT);
    },
    [
      ['right', 'k', 'r', 1],
      ['table', 'k', 'a', 50],
      ['table', 'k', 'late', 40],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(['a/r']);
  expect(dropped).toEqual({ 'out-of-order-change': 1 });
});

describe('refused', () => {
  const table = (options: object) => new StreamsBuilder().table<string, string>('table', { ...TEXT, ...options });
  const stream = (builder: StreamsBuilder, options: object, graceMs: number) =>
    streamIn(builder).join(builder.table<string, string>('table', { ...TEXT, ...options }), pair, { graceMs });

  test('is a negative history', () => {
    expect(() => table({ storeName: 'v', historyMs: -1 })).toThrow(ArgumentError);
  });

  test('is a grace with a table that has no history, or a shorter one', () => {
    expect(() => stream(new StreamsBuilder(), {}, 10)).toThrow(ArgumentError);
    expect(() => stream(new StreamsBuilder(), { storeName: 'v', historyMs: 9 }, 10)).toThrow(ArgumentError);
    expect(() => stream(new StreamsBuilder(), { storeName: 'v', historyMs: 10 }, 10)).not.toThrow();
  });

  test('is a global table with a history', () => {
    expect(() => new StreamsBuilder().globalTable('table', VERSIONED)).toThrow(TopologyError);
  });
});

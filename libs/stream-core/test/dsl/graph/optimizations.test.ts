import { describe, expect, test } from '@jest/globals';
import type { BuildOptions } from '@playhead/stream-core';
import { JoinWindows, StreamsBuilder, StreamsError } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

type Define = (builder: StreamsBuilder) => void;

const pair = (left: string | null, right: string | null): string => `${left}/${right}`;

function build(define: Define, optimize: BuildOptions['optimize']) {
  const builder = new StreamsBuilder();
  define(builder);
  return builder.build({ optimize });
}

const internalOf = (define: Define, optimize: BuildOptions['optimize']): string[] =>
  build(define, optimize)
    .plan('app')
    .internalTopics.map(({ name, kind }) => `${kind} ${name}`);

function run(define: Define, optimize: BuildOptions['optimize'], rows: readonly Row[]): unknown[] {
  const driver = new TopologyTestDriver(build(define, optimize));
  for (const [name, key, value, timestamp] of rows) {
    driver.createInputTopic({ name, ...TEXT }).pipeInput(value, key, timestamp);
  }
  const out = driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  driver.close();
  return out.map(({ key, value, timestamp }) => [key, value, timestamp]);
}

const twoGroups: Define = (builder) => {
  const keyed = streamIn(builder).selectKey((value) => value);
  const text = (count: number | null): string => String(count);
  keyed.groupByKey(TEXT).count().toStream().mapValues(text).to('out', TEXT);
  keyed
    .groupByKey(TEXT)
    .reduce((a, b) => a + b)
    .toStream()
    .to('out', TEXT);
};
const selfJoin: Define = (builder) => {
  const stream = streamIn(builder);
  stream.outerJoinStream(stream, pair, JoinWindows.within(5, { graceMs: 0 })).to('out', TEXT);
};
const table: Define = (builder) => {
  builder
    .table<string, string>('in', { ...TEXT, storeName: 'rows' })
    .toStream()
    .to('out', TEXT);
};
const branches: Define = (builder) => {
  const split = streamIn(builder)
    .selectKey((value) => value)
    .split();
  const x = split.branch((value) => value === 'x');
  const y = split.defaultBranch();
  const options = { ...TEXT, otherValue: TEXT.value };
  x.joinStream(y, pair, JoinWindows.within(5, { graceMs: 0 }), options).to('out', TEXT);
};

const ROWS: readonly Row[] = [
  ['in', 'k', 'x', 1],
  ['in', 'k', 'y', 3],
  ['in', 'm', 'x', 4],
];

test.each([
  { name: 'merged repartition topics', define: twoGroups },
  { name: 'a self-join from one store', define: selfJoin },
  { name: 'a table that is restored from its topic', define: table },
])('$name: the results stay the same', ({ define }) => {
  const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  expect(run(define, 'none', ROWS).length).toBeGreaterThan(0);
  expect(sorted(run(define, 'all', ROWS))).toEqual(sorted(run(define, 'none', ROWS)));
});

describe('internal topics', () => {
  test('one repartition topic serves everything behind a key change', () => {
    const repartitions = (optimize: BuildOptions['optimize']) =>
      internalOf(twoGroups, optimize).filter((topic) => topic.startsWith('repartition'));
    expect(repartitions('none')).toHaveLength(2);
    expect(repartitions(['merge.repartition.topics'])).toEqual([
      'repartition app-KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition',
    ]);
  });

  test('a self-join keeps its records once', () => {
    expect(internalOf(selfJoin, 'none')).toHaveLength(3);
    expect(internalOf(selfJoin, ['single.store.self.join'])).toEqual([
      'changelog app-KSTREAM-OUTERTHIS-0000000003-store-changelog',
    ]);
  });

  test('a table’s topic is its changelog', () => {
    expect(internalOf(table, 'none')).toEqual(['changelog app-rows-changelog']);
    expect(internalOf(table, ['reuse.ktable.source.topics'])).toEqual(['source-changelog in']);
  });
});

test('two branches of one re-keyed stream share its topic, where the original gives up', () => {
  expect(internalOf(branches, 'all').filter((topic) => topic.startsWith('repartition'))).toHaveLength(1);
  expect(() => run(branches, 'all', ROWS)).not.toThrow();
});

test.each([{ optimize: 'some' }, { optimize: ['all', 'merge.repartition.topics'] }])(
  'unknown optimisations are refused: $optimize',
  ({ optimize }) => {
    expect(() => build(table, optimize as 'all')).toThrow(StreamsError);
  },
);

import { expect, test } from '@jest/globals';
import type { KGroupedTable, KTable } from '@playhead/stream-core';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

type Groups = KGroupedTable<string, string>;

const ROWS: readonly Row[] = [
  ['in', 'k1', 'x1', 10],
  ['in', 'k2', 'x2', 5],
  ['in', 'k1', 'x3', 12],
  ['in', 'k1', 'y4', 11],
  ['in', 'k2', null, 20],
];
const text = (table: KTable<string, number>): KTable<string, string> => table.mapValues(String);

test.each<[name: string, aggregate: (groups: Groups) => KTable<string, string>, out: unknown[]]>([
  [
    'count',
    (groups) => text(groups.count()),
    [
      ['x', '1', 10],
      ['x', '2', 10],
      ['x', '2', 12],
      ['x', '1', 12],
      ['y', '1', 11],
      ['x', '0', 20],
    ],
  ],
  [
    'reduce',
    (groups) =>
      groups.reduce(
        (a, b) => `${a}+${b}`,
        (a, b) => `${a}-${b}`,
      ),
    [
      ['x', 'x1', 10],
      ['x', 'x1+x2', 10],
      ['x', 'x1+x2-x1+x3', 12],
      ['x', 'x1+x2-x1+x3-x3', 12],
      ['y', 'y4', 11],
      ['x', 'x1+x2-x1+x3-x3-x2', 20],
    ],
  ],
  [
    'aggregate, deleted when the subtractor says so',
    (groups) =>
      groups.aggregate(
        () => '',
        (a, b) => a + b,
        (a, b) => (a === b ? null : a.replace(b, '')),
        { value: serdes.string },
      ),
    [
      ['x', 'x1', 10],
      ['x', 'x1x2', 10],
      ['x', 'x2x3', 12],
      ['x', 'x2', 12],
      ['y', 'y4', 11],
      ['x', null, 20],
    ],
  ],
])('%s subtracts the old value of a row and adds the new one', (_name, aggregate, wanted) => {
  const { out } = runTopology((builder) => {
    const groups = builder
      .table<string, string>('in', TEXT)
      .groupBy((value) => ({ key: value.slice(0, 1), value }), TEXT);
    aggregate(groups).toStream().to('out', TEXT);
  }, ROWS);
  expect(out.map((row) => (row as unknown[]).slice(1))).toEqual(wanted);
});

test('rows whose group key or value is null belong to no group', () => {
  const { out } = runTopology(
    (builder) => {
      builder
        .table<string, string>('in', TEXT)
        .groupBy((value) => ({ key: value === 'none' ? null : value, value: value === 'void' ? null : value }), TEXT)
        .count()
        .mapValues(String)
        .toStream()
        .to('out', TEXT);
    },
    [
      ['in', 'k', 'none', 1],
      ['in', 'k', 'a', 2],
      ['in', 'k', 'void', 3],
    ],
  );
  expect(out).toEqual([
    ['out', 'a', '1', 2],
    ['out', 'a', '0', 3],
  ]);
});

test('equal keys that are objects are one group change, and a named group has one repartition topic', () => {
  const builder = new StreamsBuilder();
  const key = serdes.json<{ group: string }>();
  const groups = builder
    .table<string, string>('in', TEXT)
    .groupBy((value) => ({ key: { group: value.slice(0, 1) }, value }), { name: 'groups', key, value: serdes.string });
  groups.count({ storeName: 'counts' });
  groups.reduce(
    (_a, b) => b,
    (a) => a,
    { storeName: 'last' },
  );
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('x1', 'k', 1);
  input.pipeInput('x2', 'k', 2);
  const changes = driver.produced.filter(({ topic }) => topic.endsWith('-repartition'));
  expect(changes.map(({ topic, value }) => [topic, value?.toString('hex')])).toEqual([
    ['app-groups-repartition', '783101'],
    ['app-groups-repartition', '047832783102'],
  ]);
  expect([
    driver.keyValueStore('counts').get({ group: 'x' }),
    driver.keyValueStore('last').get({ group: 'x' }),
  ]).toEqual([1, 'x2']);
});

import { expect, test } from '@jest/globals';
import { StreamsBuilder } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, runTopology } from '../operator-driver.ts';
import type { Row, TextTable } from '../operator-driver.ts';

const ROWS: readonly Row[] = [
  ['in', 'a', 'x1', 5],
  ['in', 'b', 'y1', 6],
  ['in', 'a', 'y2', 4],
  ['in', 'a', null, 7],
];
const startsWithX = (value: string): boolean => value.startsWith('x');

test.each<[name: string, derive: (table: TextTable) => TextTable, out: (string | null)[]]>([
  ['filter', (table) => table.filter(startsWithX), ['x1', null, null, null]],
  ['filterNot', (table) => table.filterNot(startsWithX), [null, 'y1', 'y2', null]],
  ['filter with a store', (table) => table.filter(startsWithX, { storeName: 's' }), ['x1', null, null, null]],
  [
    'filter of a table that is kept',
    (table) => table.mapValues((v) => v, { storeName: 'm', value: TEXT.value }).filter(startsWithX),
    ['x1', null],
  ],
  ['mapValues', (table) => table.mapValues((value, key) => `${key}${value}`), ['ax1', 'by1', 'ay2', null]],
])('%s sends a change per change, deletes as null', (_name, derive, wanted) => {
  const { out } = runTopology(
    (builder) => derive(builder.table<string, string>('in', TEXT)).toStream().to('out', TEXT),
    ROWS,
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(wanted);
});

test('a derived table with a store name keeps its rows; without one it is not queryable', () => {
  const builder = new StreamsBuilder();
  const table = builder.table<string, string>('in', TEXT);
  const upper = table.mapValues((value) => value.toUpperCase(), { storeName: 'upper', value: TEXT.value });
  expect([table.queryableStoreName, upper.queryableStoreName]).toEqual([undefined, 'upper']);
  const driver = new TopologyTestDriver(builder.build());
  for (const [name, key, value, timestamp] of ROWS.slice(0, 3)) {
    driver.createInputTopic({ name, ...TEXT }).pipeInput(value, key, timestamp);
  }
  expect(Array.from(driver.keyValueStore('upper').all(), ({ key, value }) => [key, value])).toEqual([
    ['a', 'Y2'],
    ['b', 'Y1'],
  ]);
});

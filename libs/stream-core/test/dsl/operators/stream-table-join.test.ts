import { expect, test } from '@jest/globals';
import { TEXT, runTopology, streamIn } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

const ROWS: readonly Row[] = [
  ['in', 'k', 'early', 1],
  ['table', 'k', 'r1', 9],
  ['in', 'k', 'l1', 2],
  ['in', null, 'nokey', 3],
  ['in', 'k', null, 4],
  ['table', 'k', null, 10],
  ['in', 'k', 'l2', 5],
];
const pair = (left: string, right: string | null): string => `${left}/${right}`;

test('join answers only what the table holds at that moment, with the stream’s time', () => {
  const joined = runTopology((builder) => {
    const table = builder.table<string, string>('table', TEXT);
    streamIn(builder).join(table, pair).to('out', TEXT);
  }, ROWS);
  expect(joined).toEqual({ out: [['out', 'k', 'l1/r1', 2]], dropped: { 'null-key': 1, 'null-value': 1 } });
});

test('leftJoin answers everything that has a value, also without a key', () => {
  const joined = runTopology((builder) => {
    const table = builder.table<string, string>('table', TEXT);
    streamIn(builder).leftJoin(table, pair).to('out', TEXT);
  }, ROWS);
  expect(joined.out).toEqual([
    ['out', 'k', 'early/null', 1],
    ['out', 'k', 'l1/r1', 2],
    ['out', null, 'nokey/null', 3],
    ['out', 'k', 'l2/null', 5],
  ]);
  expect(joined.dropped).toEqual({ 'null-value': 1 });
});

test.each([
  { left: false, out: ['l1/r1'], dropped: { 'null-key': 1, 'null-value': 1 } },
  { left: true, out: ['early/null', 'l1/r1', 'nokey/null', 'l2/null'], dropped: { 'null-value': 1 } },
])('a global table is joined by any key; left: $left', ({ left, out, dropped }) => {
  const joined = runTopology((builder) => {
    const table = builder.globalTable<string, string>('table', TEXT);
    const key = (value: string | null): string | null => (value === 'nokey' ? null : 'k');
    const stream = streamIn(builder);
    (left ? stream.leftJoinGlobal(table, key, pair) : stream.joinGlobal(table, key, pair)).to('out', TEXT);
  }, ROWS);
  expect(joined.out.map((row) => (row as unknown[])[2])).toEqual(out);
  expect(joined.dropped).toEqual(dropped);
});

test('a stream that was re-keyed is repartitioned before the join, and a left join lets records without a key through', () => {
  const joined = runTopology((builder) => {
    const table = builder.table<string, string>('table', TEXT);
    streamIn(builder)
      .selectKey((_value, key) => key)
      .leftJoin(table, pair, { name: 'j', key: TEXT.key })
      .to('out', TEXT);
  }, ROWS);
  expect(joined.out).toContainEqual(['out', null, 'nokey/null', 3]);
});

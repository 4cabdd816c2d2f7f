import { describe, expect, test } from '@jest/globals';
import type { KTable } from '@playhead/stream-core';
import { TEXT, runTopology } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

const pair = (left: string | null, right: string | null): string => `${left}/${right}`;
type Method = 'join' | 'leftJoin' | 'outerJoin';
type Joined = KTable<string, string>;

const ROWS: readonly Row[] = [
  ['left', 'k', 'l1', 5],
  ['right', 'k', 'r1', 3],
  ['left', 'k', null, 7],
  ['left', 'k', null, 8],
  ['right', 'k', null, 9],
  ['right', 'k', null, 10],
];

function run(method: Method, rows: readonly Row[], then: (joined: Joined) => Joined = (joined) => joined): unknown[] {
  const { out } = runTopology((builder) => {
    const left = builder.table<string, string>('left', TEXT);
    const right = builder.table<string, string>('right', TEXT);
    then(left[method](right, pair)).toStream().to('out', TEXT);
  }, rows);
  return out.map((row) => (row as unknown[]).slice(2));
}

describe('changes of either table', () => {
  test.each([
    {
      method: 'join' as const,
      answers: [
        ['l1/r1', 5],
        [null, 7],
        [null, 8],
      ],
    },
    {
      method: 'leftJoin' as const,
      answers: [
        ['l1/null', 5],
        ['l1/r1', 5],
        [null, 7],
        [null, 8],
      ],
    },
    {
      method: 'outerJoin' as const,
      answers: [
        ['l1/null', 5],
        ['l1/r1', 5],
        ['null/r1', 7],
        ['null/r1', 8],
        [null, 9],
      ],
    },
  ])('give new rows with the later timestamp, and deletes: $method', ({ method, answers }) => {
    expect(run(method, ROWS)).toEqual(answers);
  });
});

test('a filter behind a join sees the rows before, so it deletes nothing that it never passed', () => {
  const rows: Row[] = [
    ['left', 'k', 'no', 1],
    ['right', 'k', 'r', 2],
    ['left', 'k', 'yes', 3],
    ['left', 'k', 'no', 4],
  ];
  const passed = run('join', rows, (joined) =>
    joined.filter((value) => value.startsWith('yes'), { ...TEXT, storeName: 'kept' }),
  );
  expect(passed).toEqual([
    ['yes/r', 3],
    [null, 4],
  ]);
});

test('a join of joins reads through them', () => {
  const { out } = runTopology(
    (builder) => {
      const a = builder.table<string, string>('a', TEXT);
      const b = builder.table<string, string>('b', TEXT);
      const c = builder.table<string, string>('c', TEXT);
      a.join(b, pair).outerJoin(c, pair).toStream().to('out', TEXT);
    },
    [
      ['a', 'k', 'a', 1],
      ['b', 'k', 'b', 2],
      ['c', 'k', 'c', 3],
      ['b', 'k', null, 4],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(['a/b/null', 'a/b/c', 'null/c']);
});

test('records without a key never reach the join', () => {
  const { dropped } = runTopology(
    (builder) => {
      const left = builder.table<string, string>('left', TEXT);
      left.join(builder.table<string, string>('right', TEXT), pair);
    },
    [['left', null, 'l', 1]],
  );
  expect(dropped).toEqual({ 'null-key': 1 });
});

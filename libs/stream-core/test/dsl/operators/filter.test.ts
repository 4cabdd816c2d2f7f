import { expect, test } from '@jest/globals';
import { runTopology, streamIn } from '../operator-driver.ts';

const startsWithX = (value: string | null): boolean => value?.startsWith('x') === true;

test.each([
  { method: 'filter' as const, passed: ['x1'] },
  { method: 'filterNot' as const, passed: ['y', null] },
])('$method passes $passed and hands null values to the predicate', ({ method, passed }) => {
  const { out, dropped } = runTopology(
    (builder) => streamIn(builder)[method](startsWithX).to('out'),
    [
      ['in', 'a', 'x1', 5],
      ['in', null, 'y', 4],
      ['in', 'b', null, 6],
    ],
  );
  expect(out.map((row) => (row as unknown[])[2])).toEqual(passed);
  expect(dropped).toEqual({});
});

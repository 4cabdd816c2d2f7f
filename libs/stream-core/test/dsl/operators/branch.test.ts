import { expect, test } from '@jest/globals';
import { runTopology, streamIn } from '../operator-driver.ts';

const ROWS = ['1', '12', '123', '4'].map((value, index) => ['in', 'k', value, index] as const);

test.each([
  {
    withDefault: true,
    out: [
      ['out-a', '1'],
      ['out-b', '12'],
      ['out-b', '123'],
      ['out-rest', '4'],
    ],
  },
  {
    withDefault: false,
    out: [
      ['out-a', '1'],
      ['out-b', '12'],
      ['out-b', '123'],
    ],
  },
])('split sends a record to the first branch that takes it; default branch: $withDefault', ({ withDefault, out }) => {
  const outcome = runTopology((builder) => {
    const split = streamIn(builder).split();
    split.branch((value) => value === '1').to('out-a');
    split.branch((value) => value?.startsWith('1') === true).to('out-b');
    if (withDefault) split.defaultBranch().to('out-rest');
  }, ROWS);
  expect(outcome.out.map((row) => [(row as unknown[])[0], (row as unknown[])[2]])).toEqual(out);
});

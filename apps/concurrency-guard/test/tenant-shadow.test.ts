import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a tenant in SHADOW refused a stream that a newer one of its device had followed',
    `
      0 settings {"enforcement":"SHADOW"} ->
      0 start a tv -> allow a 1/1000
      26 start b tv -> allow b 1/1000
      27 beat a 0 device=tv -> reopen allow a 2/1000
      28 beat b 0 ->
      29 look b -> active beats=1 events=0 last=0
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

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
  [
    'a start in a tenant in SHADOW stopped the older stream of its device',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1}]} ->
      0 settings {"enforcement":"SHADOW"} ->
      0 start a tv -> allow a 1/1000
      1 start b tv -> allow b 2/1000
      2 beat a 0 ->
      3 look a -> active beats=1 events=0 last=0
      4 start c phone -> allow c 3/1000 shadow p
      5 settings {"enforcement":"ENFORCE"} ->
      6 stop c ->
      7 start d tv -> allow d 1/1 replaces a b; stop a replaced; stop b replaced
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

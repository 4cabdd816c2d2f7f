import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a tenant in SHADOW refused a stream that a newer one of its device had followed',
    `
      0 settings {"enforcement":"SHADOW"} ->
      0 start a tv -> allow a 1/-
      26 start b tv -> allow b 1/-
      27 beat a 0 device=tv -> reopen allow a 2/-
      28 beat b 0 ->
      29 look b -> active beats=1 events=0 last=0
    `,
  ],
  [
    'a start in a tenant in SHADOW stopped the older stream of its device',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1}]} ->
      0 settings {"enforcement":"SHADOW"} ->
      0 start a tv -> allow a 1/-
      1 start b tv -> allow b 2/-
      2 beat a 0 ->
      3 look a -> active beats=1 events=0 last=0
      4 start c phone -> allow c 3/- shadow p
      5 settings {"enforcement":"ENFORCE"} ->
      6 stop c ->
      7 start d tv -> allow d 1/1 replaces a b; stop a replaced; stop b replaced
    `,
  ],
  [
    'what the limit of the plan would refuse in a tenant in SHADOW was told as allowed, and enforced',
    `
      0 settings {"enforcement":"SHADOW"} ->
      0 limit 1 ->
      1 start a tv -> allow a 1/-
      2 start b phone -> allow b 2/- shadow plan-limit
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

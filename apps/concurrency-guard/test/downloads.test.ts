import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a download took a slot once it beat',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1}]} ->
      0 start a tv downloaded -> allow a 0/2 unchecked
      1 beat a 0 ->
      2 start b phone -> allow b 1/1
      3 event a 0 ->
      4 look a -> ended lease-expired beats=1 events=1 last=0
    `,
  ],
  [
    'a download was refused, and told to stop, by its first beat when all slots were taken',
    `
      0 limit 1 ->
      0 start a tv -> allow a 1/1
      1 start b phone downloaded late -> allow b 0/1 unchecked
      2 beat b 0 ->
      3 beat b 1 state=ENDED ->
      4 look b -> ended ended beats=2 events=0 last=1
      5 beat b 2 ->
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a policy in shadow had a stream that was paused judged, and ended, by the others',
    `
      0 policy {"policy":"p","rules":[{"rule":"two","max":2}]} ->
      0 policy {"policy":"s","mode":"shadow","rules":[{"rule":"pause","max":9,"paused":"free"}]} ->
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 policy {"policy":"p","rules":[{"rule":"two","max":1}]} ->
      8 beat a 0 ->
      9 beat b 0 state=PAUSED ->
      12 beat b 1 ->
    `,
  ],
  [
    'the warm-up of a policy in shadow had a stream judged, and ended, by the others',
    `
      0 policy {"policy":"p","rules":[{"rule":"two","max":2}]} ->
      0 policy {"policy":"s","mode":"shadow","rules":[{"rule":"warm","max":9,"warmUp":{"beats":2,"ms":15000}}]} ->
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 policy {"policy":"p","rules":[{"rule":"two","max":1}]} ->
      8 beat a 0 ->
      9 beat b 0 ->
      12 beat b 1 ->
      20 beat b 2 ->
    `,
  ],
  [
    'a stream that goes on was judged for a rule that is about others',
    `
      0 policy {"policy":"p","rules":[{"rule":"two","max":2},{"rule":"live","max":9,"paused":"free","where":{"kind":["LIVE"]}}]} ->
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 policy {"policy":"p","rules":[{"rule":"two","max":1},{"rule":"live","max":9,"paused":"free","where":{"kind":["LIVE"]}}]} ->
      8 beat a 0 ->
      9 beat b 0 state=PAUSED ->
      12 beat b 1 ->
    `,
  ],
  [
    'a stream whose pause was too short to free its slot was judged when it went on',
    `
      0 policy {"policy":"p","rules":[{"rule":"two","max":2,"paused":{"freeAfterMs":30000}}]} ->
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 policy {"policy":"p","rules":[{"rule":"two","max":1,"paused":{"freeAfterMs":30000}}]} ->
      8 beat a 0 ->
      9 beat b 0 state=PAUSED ->
      12 beat b 1 ->
    `,
  ],
  [
    'a stream without beats was in the warm-up of a rule by beats for ever',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"warmUp":{"beats":2}}]} ->
      0 start a tv -> allow a 1/-
      1 evidence b SEGMENT device=phone -> reopen allow b 2/-
      20 beat a 0 ->
      40 beat a 1 -> check allow a 1/1
      60 beat a 2 ->
      80 beat a 3 ->
      100 beat a 4 ->
      120 beat a 5 ->
      120 evidence b SEGMENT ->
      121 evidence b SEGMENT -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

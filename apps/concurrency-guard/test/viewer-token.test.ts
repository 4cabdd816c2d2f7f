import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'the limit of the viewer’s token was lost when the lease of its start ended',
    `
      0 policy {"policy":"p","rules":[{"rule":"climit","max":{"from":"token","otherwise":1}}]} ->
      0 start a tv token=2 -> allow a 1/2
      1 start b phone token=2 -> allow b 2/2
      20 beat a 0 ->
      40 beat a 1 ->
      41 beat b 0 -> reopen allow b 2/2
    `,
  ],
  [
    'without another limit there was none at all any more',
    `
      0 policy {"policy":"p","rules":[{"rule":"climit","max":{"from":"token"}}]} ->
      0 start a tv token=1 -> allow a 1/1
      20 beat a 0 ->
      30 start b phone token=1 -> deny b concurrency-limit 1/1 by p/climit conflicts a retry 15; stop b concurrency-limit
      46 start c phone token=1 -> allow c 1/1
      47 beat a 1 -> reopen deny a concurrency-limit 1/1 by p/climit conflicts c retry 24; stop a concurrency-limit
    `,
  ],
  [
    'a stream that is judged at the end of its warm-up had no limit by its token',
    `
      0 policy {"policy":"p","rules":[{"rule":"climit","max":{"from":"token"},"warmUp":{"beats":1}}]} ->
      0 start a tv token=1 -> allow a 1/-
      1 beat a 0 -> check allow a 1/1
      2 start b phone token=1 -> allow b 2/-
      3 beat b 0 -> check deny b concurrency-limit 1/1 by p/climit conflicts a retry 23; stop b concurrency-limit
    `,
  ],
  [
    'a start that waited on disk had its token’s limit forgotten by the first decision',
    `
      0 policy {"policy":"p","rules":[{"rule":"climit","max":{"from":"token"}}]} ->
      0 start a tv token=1 -> allow a 1/1
      1 start b phone token=1 late -> allow b 0/2 unchecked
      2 beat b 0 -> reopen deny b concurrency-limit 1/1 by p/climit conflicts a retry 23; stop b concurrency-limit
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});

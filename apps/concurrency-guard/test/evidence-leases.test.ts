import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';

test.each<[string, string]>([
  [
    'each source has a lease of its own, and the longest holds',
    `
     0    limit 1                     ->
     0    evidence a MANIFEST         -> reopen allow a 1/1
     10   evidence a SEGMENT          ->
     20   evidence a MANIFEST         ->
     159  start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 1; stop b concurrency-limit
     160  start c phone               -> allow c 1/1
    `,
  ],
  [
    'what is seen at a start only speaks until the player does, so that a crashed player frees its slot within 30 s',
    `
     0    limit 1                     ->
     0    evidence a PLAYBACK_URL     -> reopen allow a 1/1
     1    evidence a LICENCE          ->
     2    beat a 0                    ->
     26.9 start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 0.1; stop b concurrency-limit
     27   start c phone               -> allow c 1/1
    `,
  ],
  [
    'what a back end goes on seeing keeps a stream whose player has gone silent',
    `
     0    limit 1                     ->
     0    start a tv                  -> allow a 1/1
     20   evidence a LICENCE_RENEWAL  ->
     109  start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 1; stop b concurrency-limit
     110  start c phone               -> allow c 1/1
    `,
  ],
  [
    'a rule is about a stream by what its back end says of it',
    `
     0    policy {"policy":"p","rules":[{"rule":"one","max":1,"where":{"rightsHolder":["studio"]}}]} ->
     0    evidence a PLAYBACK_URL device=tv rightsHolder=studio -> reopen allow a 1/1
     1    evidence b PLAYBACK_URL device=phone rightsHolder=other -> reopen allow b 2/-
     2    evidence c PLAYBACK_URL device=laptop rightsHolder=studio -> reopen deny c concurrency-limit 1/1 by p/one conflicts a retry 58; stop c concurrency-limit
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => DriverBench.open())).toBe(rowsOf(lines).join('\n'));
});

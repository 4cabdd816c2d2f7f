import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';

test('every change of the level and every attempt is told, so that reports can say what another limit would do', async () => {
  const lines = `
    0   policy {"policy":"p","rules":[{"rule":"two","max":2,"strategy":"ask"}]} ->
    0   start a tv                   -> allow a 1/2
    1   start b phone                -> allow b 2/2
    2   start c tablet               -> deny c concurrency-limit 2/2 by p/two conflicts a b retry 23; stop c concurrency-limit
    2   levels                       -> admitted a 1; admitted b 2; denied c 2 of 3
    3   start d tablet end=a         -> allow d 2/2 ends a; stop a viewer-choice
    3   levels                       -> killed a 2; admitted d 2
    4   stop b                       ->
    4.5 stop b                       ->
    4.5 levels                       -> stopped b 1
    5   start e tablet               -> allow e 1/2 replaces d; stop d replaced
    6   terminate e                  -> terminated e; stop e terminated
    6   levels                       -> killed d 1; admitted e 1; killed e 0
    7   start f tv                   -> allow f 1/2
    40  wait                         ->
    40  levels                       -> admitted f 1; lapsed f 0
    41  beat f 0                     -> reopen allow f 1/2
    41  levels                       -> admitted f 1
  `;
  expect(await play(lines, () => DriverBench.open())).toBe(rowsOf(lines).join('\n'));
});

test.each<[string, string]>([
  [
    'a lease that ended after the last ticket left the level as it was',
    `
    0   start a tv ticket=10         -> allow a 1/2
    0   levels                       -> admitted a 1
    26  wait                         ->
    26  levels                       -> lapsed a 0
    `,
  ],
  [
    'a sign of life in the last hours of a ticket left the level as it was for good',
    `
    0     evidence a MANIFEST lease=900   -> reopen allow a 1/2
    0     levels                          -> admitted a 1
    86000 wait                            ->
    86000 levels                          -> lapsed a 0
    86001 evidence a MANIFEST lease=900   -> reopen allow a 1/2
    86001 levels                          -> admitted a 1
    87000 wait                            ->
    87000 levels                          -> lapsed a 0
    `,
  ],
  [
    'a stream that stopped after the end of its lease, before that was announced, left the level as it was for good',
    `
    0   behind                       ->
    0   start a tv                   -> allow a 1/2
    0   levels                       -> admitted a 1
    26  stop a                       ->
    27  caught-up                    ->
    40  levels                       -> stopped a 0
    `,
  ],
  [
    'a stream that was ended after the end of its lease, before that was announced, left the level as it was for good',
    `
    0   behind                       ->
    0   start a tv                   -> allow a 1/2
    0   levels                       -> admitted a 1
    26  terminate a                  -> terminated a; stop a terminated
    27  caught-up                    ->
    40  levels                       -> killed a 0
    `,
  ],
  [
    'a stream whose end was announced while the log was behind went on, was judged, and was counted no more',
    `
    0   policy {"policy":"p","rules":[{"rule":"one","max":1,"warmUp":{"ms":20000}}]} ->
    0   start a tv                   -> allow a 1/-
    26  levels                       -> admitted a 1; lapsed a 0
    21  beat a 0                     -> check allow a 1/1
    21  levels                       -> admitted a 1
    `,
  ],
  [
    'exempt content, which holds no slot, was in the level: what another limit would do came out wrong',
    `
    0   limit 1                      ->
    0   start a tv exempt            -> allow a 0/-
    1   start b phone                -> allow b 1/1
    2   start c tablet               -> deny c concurrency-limit 1/1 conflicts b retry 24; stop c concurrency-limit
    3   stop a                       ->
    4   stop b                       ->
    4   levels                       -> admitted a 0; admitted b 1; denied c 1 of 2; stopped a 1; stopped b 0
    `,
  ],
  [
    'a warning stayed when the lease ended after the last ticket',
    `
    0   policy {"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":60000}}]} ->
    0   start a tv                   -> allow a 1/1
    1   start b phone ticket=10      -> allow b grace 2/1 until 61; warn b grace
    20  beat a 0                     ->
    27  wait                         -> forget b
    28  look b                       -> unknown
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => DriverBench.open())).toBe(rowsOf(lines).join('\n'));
});

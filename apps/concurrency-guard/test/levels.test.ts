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
    4   stop b                       ->
    4   levels                       -> stopped b 1
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

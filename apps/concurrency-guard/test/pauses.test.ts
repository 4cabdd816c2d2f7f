import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';

test.each<[string, string]>([
  [
    'a pause that an event told was ignored after as many beats as the player had told events',
    `
     1   beat a 0                     ->
     2   beat a 1                     ->
     3   beat a 2                     ->
     4   event a 0 state=PAUSED       ->
     5   start b phone                -> allow b 1/1
    `,
  ],
  [
    'an event of before the pause, which came late, ended the pause',
    `
     1   event a 9 state=PLAYING      ->
     2   beat a 0 state=PAUSED        ->
     3   event a 8 state=PLAYING      ->
     5   start b phone                -> allow b 1/1
    `,
  ],
  [
    'a beat that another gateway had received before the pause ended it',
    `
     4   event a 0 state=PAUSED       ->
     3   beat a 5 state=PLAYING       ->
     5   start b phone                -> allow b 1/1
    `,
  ],
  [
    'an event that told the end of a pause was ignored',
    `
     1   beat a 0                     ->
     2   beat a 1                     ->
     3   beat a 2 state=PAUSED        ->
     4   event a 0 state=PLAYING      -> check allow a 1/1
     5   start b phone                -> deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  ],
])('%s', async (_name, lines) => {
  const rows = `
    0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free"}]} ->
    0 start a tv                      -> allow a 1/1
    ${lines}
  `;
  expect(await play(rows, () => DriverBench.open())).toBe(rowsOf(rows).join('\n'));
});

test('a stream whose pause kept its place free was stopped when it was judged within the pause', async () => {
  const rows = `
    0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free","warmUp":{"ms":10000}}]} ->
    0    start a tv                      -> allow a 1/-
    1    start b phone                   -> allow b 2/-
    5    beat b 0 state=PAUSED           ->
    11   beat a 0                        -> check allow a 1/1
    12   beat b 1 state=PAUSED           -> check allow b 2/-
    13   beat b 2 state=PLAYING          -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 23; stop b concurrency-limit
  `;
  expect(await play(rows, () => DriverBench.open())).toBe(rowsOf(rows).join('\n'));
});

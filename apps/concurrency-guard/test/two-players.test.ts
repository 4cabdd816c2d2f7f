import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'two players on one session are found by their turns and ended',
    `
     0   start a tv                   -> allow a 1/2
     10  beat a 0 at=0 made=10        ->
     12  beat a 0 at=500 made=12      ->
     20  beat a 1 at=10 made=20       ->
     22  beat a 1 at=510 made=22      ->
     30  beat a 2 at=20 made=30       ->
     32  beat a 2 at=520 made=32      ->
     40  beat a 3 at=30 made=40       -> terminated a; stop a two-players
     50  beat a 4 at=40 made=50       ->
     50  look a                       -> ended two-players stop beats=5 events=0 last=4
    `,
  ],
  [
    'a beat that its player sends again, as it was or with a new time, is no second player',
    `
     0   start a tv                   -> allow a 1/2
     10  beat a 0 at=0 made=10        ->
     12  beat a 0 at=0 made=12        ->
     20  beat a 1 at=10 made=20       ->
     21  beat a 0 at=0 made=10        ->
     22  beat a 1 at=10 made=22       ->
     30  beat a 2 at=20 made=30       ->
     40  look a                       -> active beats=3 events=0 last=2
    `,
  ],
  [
    'beats that come in the wrong order are no second player',
    `
     0   start a tv                   -> allow a 1/2
     10  beat a 1 at=10 made=10       ->
     11  beat a 0 at=0 made=0         ->
     20  beat a 3 at=30 made=30       ->
     21  beat a 2 at=20 made=20       ->
     30  beat a 5 at=50 made=50       ->
     31  beat a 4 at=40 made=40       ->
     32  look a                       -> active beats=6 events=0 last=5
    `,
  ],
  [
    'a player that begins to count again keeps nothing alive and is no second player',
    `
     0   start a tv                   -> allow a 1/2
     10  beat a 0 at=0 made=10        ->
     20  beat a 1 at=10 made=20       ->
     30  beat a 0 at=30 made=30       ->
     40  beat a 1 at=40 made=40       ->
     44  look a                       -> active beats=2 events=0 last=1
     45  look a                       -> ended lease-expired beats=2 events=0 last=1
    `,
  ],
  [
    'two CMCD players on one session are found when the first reports again after the second',
    `
     0   start a tv                   -> allow a 1/2
     10  cmcd a t 0 p sid=one         ->
     12  cmcd a t 0 p sid=two         ->
     20  cmcd a t 1 p sid=one         ->
     22  cmcd a t 1 p sid=two         -> terminated a; stop a two-players
    `,
  ],
  [
    'a page that is loaded again is no second player, nor is a line of before that comes late',
    `
     0   start a tv                   -> allow a 1/2
     10  cmcd a t 0 p sid=one         ->
     20  cmcd a t 0 p sid=two         ->
     21  cmcd a t 1 p sid=one ts=15   ->
     30  cmcd a t 1 p sid=two         ->
     40  cmcd a t 0 p sid=three       ->
     50  look a                       -> active beats=5 events=0 last=-1
    `,
  ],
])('%s', async (_name, lines) => {
  const expected = rowsOf(lines).join('\n');
  expect(await play(lines, () => DriverBench.open())).toBe(expected);
  expect(await play(lines, () => TaskBench.open())).toBe(expected);
});

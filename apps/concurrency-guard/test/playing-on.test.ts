import { expect, test } from '@jest/globals';
import { newSession, playsOn, stop } from '../src/session-state.ts';
import { DriverBench } from './driver-bench.ts';
import { play, reportOf, rowsOf } from './scenario.ts';

test.each<[string, string]>([
  [
    'a player that went on after its own stop was told to continue for ever',
    `
     0   start a tv                    -> allow a 1/2
     5   beat a 0                      ->
     10  stop a                        ->
     25  beat a 1                      ->
     25  look a                        -> ended stopped beats=2 events=0 last=1
     26  beat a 2                      -> terminated a; stop a played-on-after-stop
     27  beat a 3                      ->
     27  look a                        -> ended played-on-after-stop stop beats=4 events=0 last=3
     28  levels                        -> admitted a 1; stopped a 0
    `,
  ],
  [
    'what an edge served after the stop bars the session, what it served before and told late does not',
    `
     0   start a tv                    -> allow a 1/2
     10  stop a                        ->
     69  evidence a SEGMENT seen=9     ->
     70  evidence a SEGMENT seen=25    ->
     71  evidence a SEGMENT seen=26    -> terminated a; stop a played-on-after-stop
    `,
  ],
  [
    'what may be of before the stop, or says that it is over, does not bar the session',
    `
     0   start a tv                    -> allow a 1/2
     5   beat a 5                      ->
     6   event a 3                     ->
     7   cmcd a t 0 p                  ->
     10  stop a                        ->
     40  beat a 4                      ->
     41  beat a 5                      ->
     42  event a 2                     ->
     43  cmcd a t 1 p ts=6             ->
     44  cmcd a ps 2 e                 ->
     45  beat a 6 state=ENDED          ->
     46  beat a 7 late                 ->
     47  look a                        -> ended stopped beats=6 events=3 last=7
    `,
  ],
  [
    'a CMCD player that goes on after a stop is told to stop',
    `
     0   start a tv                    -> allow a 1/2
     5   cmcd a t 0 p                  ->
     10  stop a                        ->
     26  cmcd a t 1 p                  -> terminated a; stop a played-on-after-stop
    `,
  ],
  [
    'the first stop counts: another one gives no more time',
    `
     0   start a tv                    -> allow a 1/2
     10  stop a                        ->
     20  stop a                        ->
     26  beat a 0                      -> terminated a; stop a played-on-after-stop
    `,
  ],
  [
    'what is in flight has the grace of its tenant',
    `
     0   settings {"heartbeatGraceMs":60000} ->
     0   start a tv                    -> allow a 1/2
     10  stop a                        ->
     70  beat a 0                      ->
     71  beat a 1                      -> terminated a; stop a played-on-after-stop
    `,
  ],
  [
    'a stop that waited on a disk happened when it was received',
    `
     0   start a tv                    -> allow a 1/2
     10  stop a late                   ->
     30  beat a 0                      -> terminated a; stop a played-on-after-stop
    `,
  ],
  [
    'what plays from the device goes on as it likes',
    `
     0   start a tv downloaded         -> allow a 0/2 unchecked
     10  stop a                        ->
     60  beat a 0                      ->
     60  look a                        -> ended stopped beats=1 events=0 last=0
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => DriverBench.open())).toBe(rowsOf(lines).join('\n'));
});

test('a session that an earlier version stored as stopped is not barred: nobody knows when it stopped', () => {
  const beat = reportOf('60 beat a 0');
  const stopped = stop(newSession(beat, 0), reportOf('10 stop a'));
  expect(playsOn(stopped, beat, 15_000)).toBe(true);
  expect(playsOn({ ...stopped, stoppedAt: null }, beat, 15_000)).toBe(false);
});

import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';

test.each<[string, string]>([
  [
    'a stock player is opened by its first line and kept by each',
    `
     0   cmcd a ps 0 s interval=10   -> reopen allow a 1/2
     1   cmcd a ps 1 p interval=10   ->
     10  cmcd a t 2 p interval=10    ->
     20  cmcd a t 3 p interval=10    ->
     44  look a                      -> active beats=2 events=2 last=-1
     45  look a                      -> ended lease-expired beats=2 events=2 last=-1
    `,
  ],
  [
    'a state that is a word every object has is none that ends a stream',
    `
     0   cmcd a ps 0 constructor     -> reopen allow a 1/2
     1   cmcd a t 1 toString         ->
     1   look a                      -> active beats=1 events=1 last=-1
    `,
  ],
  [
    'a line that was resent counts once and keeps nothing alive',
    `
     0   cmcd a ps 0 s               -> reopen allow a 1/2
     1   cmcd a t 1 p                ->
     60  again                       ->
     75  look a                      -> active beats=1 events=1 last=-1
     76  look a                      -> ended lease-expired beats=1 events=1 last=-1
    `,
  ],
  [
    'sequence numbers that start anew within one sid are other lines',
    `
     0   cmcd a t 0 p                -> reopen allow a 1/2
     1   cmcd a t 1 p                ->
     2   cmcd a t 0 p                ->
     2   look a                      -> active beats=3 events=0 last=-1
    `,
  ],
  [
    'lines in another order than their own are each counted once',
    `
     0   cmcd a ps 0 s ts=0          -> reopen allow a 1/2
     3   cmcd a t 2 p ts=3           ->
     3   cmcd a ps 1 p ts=1          ->
     3   cmcd a t 2 p ts=3           ->
     3   look a                      -> active beats=1 events=2 last=-1
    `,
  ],
  [
    'a final state ends the stream and frees the slot; the same state again does not open it',
    `
     0   limit 1                     ->
     0   cmcd a ps 0 p device=tv     -> reopen allow a 1/1
     40  cmcd a ps 1 e               ->
     40  look a                      -> ended ended beats=0 events=2 last=-1
     41  start b phone               -> allow b 1/1
     42  cmcd a t 2 e                ->
     42  look a                      -> ended ended beats=1 events=2 last=-1
    `,
  ],
  [
    'after a final state only a later line with another state opens the stream again',
    `
     0   cmcd a ps 0 p ts=0          -> reopen allow a 1/2
     10  cmcd a ps 2 e ts=10         ->
     11  cmcd a ps 1 k ts=9          ->
     11  cmcd a t 3 - ts=11          ->
     11  cmcd a ps 4 p ts=10         ->
     11  look a                      -> ended ended beats=1 events=4 last=-1
     12  cmcd a ps 5 p ts=12         -> reopen allow a 1/2
     12  look a                      -> active beats=1 events=5 last=-1
    `,
  ],
  [
    'a final state that arrives after a later line is of the past',
    `
     0   cmcd a ps 0 p ts=0          -> reopen allow a 1/2
     12  cmcd a ps 2 k ts=12         ->
     12  cmcd a ps 1 e ts=10         ->
     12  look a                      -> active beats=0 events=3 last=-1
    `,
  ],
  [
    'says whether the player ended, failed or was quit',
    `
     0   cmcd a ps 0 e               ->
     0   cmcd b ps 0 f               ->
     0   cmcd c ps 0 q               ->
     0   look a                      -> ended ended beats=0 events=1 last=-1
     0   look b                      -> ended failed beats=0 events=1 last=-1
     0   look c                      -> ended quit beats=0 events=1 last=-1
    `,
  ],
  [
    'a player that never says its state is alive by its lines alone',
    `
     0   cmcd a t 0 -                -> reopen allow a 1/2
     30  cmcd a t 1 -                ->
     60  cmcd a t 2 -                ->
     60  look a                      -> active beats=3 events=0 last=-1
    `,
  ],
  [
    'native beats open what CMCD had finished, but not those at the end of the content',
    `
     0   cmcd a ps 0 e               ->
     1   beat a 0 state=ENDED        ->
     1   look a                      -> ended ended beats=1 events=1 last=0
     2   beat a 1 state=PLAYING      -> reopen allow a 1/2
    `,
  ],
  [
    'a longer lease of one source is not shortened by another',
    `
     0   cmcd a t 0 p interval=30    -> reopen allow a 1/2
     1   beat a 0 interval=10        ->
     74  look a                      -> active beats=2 events=0 last=0
     75  look a                      -> ended lease-expired beats=2 events=0 last=0
    `,
  ],
  [
    'other evidence opens and keeps a stream for its own time and counts as nothing',
    `
     0   evidence a MANIFEST         -> reopen allow a 1/2
     20  evidence a MANIFEST         ->
     49  look a                      -> active beats=0 events=0 last=-1
     50  look a                      -> ended lease-expired beats=0 events=0 last=-1
    `,
  ],
])('%s', async (_name, scenario) => {
  expect(await play(scenario, DriverBench.open)).toBe(rowsOf(scenario).join('\n'));
});

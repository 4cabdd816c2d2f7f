import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

const TICKET_END = 24 * 60 * 60;

test.each<[string, string]>([
  [
    'the time of a decision is the greatest received time seen in the partition, of any account',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     30  start x tv account=acc-2    -> allow x 1/2
     20  start b phone               -> allow b 1/1
    `,
  ],
  [
    'the wall clock alone frees no slot',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     60  wait                        ->
     60  look a                      -> ended lease-expired beats=0 events=0 last=-1
     20  beat a 0                    ->
     21  start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
    `,
  ],
  [
    'no lease is announced as over before the log was read to its end as of start-up',
    `
     0   start a tv                  -> allow a 1/2
     1   behind                      ->
     60  wait                        ->
     60  restart                     ->
     20  beat a 0                    ->
     40  beat a 1                    ->
     61  caught-up                   ->
     64  look a                      -> active beats=2 events=0 last=1
     65  wait                        ->
     65  look a                      -> ended lease-expired beats=2 events=0 last=1
    `,
  ],
  [
    'late records are history: counted, never liveness',
    `
     0   start a tv                  -> allow a 1/2
     10  beat a 0                    ->
     20  beat a 1 late               ->
     34  look a                      -> active beats=2 events=0 last=1
     35  look a                      -> ended lease-expired beats=2 events=0 last=1
     36  beat b 0 late               ->
     36  look b                      -> ended no-lease beats=1 events=0 last=0
     37  beat b 1                    -> reopen allow b 1/2
    `,
  ],
  [
    'a late start was admitted without asking: it takes no slot, its first beat asks for one',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     1   start b phone late          -> allow b 0/1 unchecked
     2   beat b 0                    -> reopen deny b concurrency-limit 1/1 conflicts a retry 23; stop b concurrency-limit
    `,
  ],
  [
    'a late stop ends its session, because its player has ended it',
    `
     0   start a tv                  -> allow a 1/2
     1   stop a late                 ->
     1   look a                      -> ended stopped beats=0 events=0 last=-1
    `,
  ],
  [
    'what is processed again is announced again and changes nothing',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     1   start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     2   stop a                      ->
     3   again                       ->
     4   start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     5   start c tv                  -> allow c 1/1
     6   start d tv                  -> allow d 1/1 replaces c; stop c replaced
     7   again                       -> allow d 1/1 replaces c; stop c replaced
     8   start c tv                  -> allow c 1/1
     8   look c                      -> ended replaced stop beats=0 events=0 last=-1
    `,
  ],
  [
    'a refused sign of life that is processed again is announced again',
    `
     0   limit 0                     ->
     1   beat a 0                    -> reopen deny a concurrency-limit 0/0; stop a concurrency-limit
     2   again                       -> reopen deny a concurrency-limit 0/0; stop a concurrency-limit
     3   beat a 1                    ->
    `,
  ],
  [
    'a restart keeps leases, counts, limits, decisions and verdicts',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     1   beat a 0                    ->
     2   start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     3   restart                     ->
     3   look a                      -> active beats=1 events=0 last=0
     4   beat a 0                    ->
     4   look a                      -> active beats=1 events=0 last=0
     5   start c tablet              -> deny c concurrency-limit 1/1 conflicts a retry 21; stop c concurrency-limit
     6   start b phone               -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     26  start d tablet              -> allow d 1/1
     26  look b                      -> ended concurrency-limit stop beats=0 events=0 last=-1
    `,
  ],
  [
    'a restart keeps log time, so that an older record is not decided in the past',
    `
     0   limit 1                     ->
     0   start a tv                  -> allow a 1/1
     30  start x tv account=acc-2    -> allow x 1/2
     30  restart                     ->
     20  start b phone               -> allow b 1/1
    `,
  ],
  [
    'a verdict stop stands until the last ticket has expired, then both are forgotten',
    `
     0   start a tv ticket=100       -> allow a 1/2
     10  terminate a                 -> terminated a; stop a terminated
     50  beat a 0 ticket=200         ->
     199 wait                        ->
     199 look a                      -> ended terminated stop beats=1 events=0 last=0
     200 wait                        -> forget a
     200 look a                      -> unknown
    `,
  ],
  [
    'a session without a verdict is forgotten without a word',
    `
     0   start a tv ticket=100       -> allow a 1/2
     99  look a                      -> ended lease-expired beats=0 events=0 last=-1
     100 wait                        ->
     100 look a                      -> unknown
    `,
  ],
  [
    'a session whose tickets are not known is remembered for the life of one',
    `
     0                  terminate a  -> terminated a; stop a terminated
     ${TICKET_END - 1}  look a       -> ended terminated stop beats=0 events=0 last=-1
     ${TICKET_END}      wait         -> forget a
    `,
  ],
  [
    'a session with a lease outlives its ticket',
    `
     0   start a tv ticket=20        -> allow a 1/2
     15  beat a 0                    ->
     39  look a                      -> active beats=1 events=0 last=0
     40  look a                      -> ended lease-expired beats=1 events=0 last=0
     41  look a                      -> unknown
    `,
  ],
])('%s', async (_name, scenario) => {
  expect(await play(scenario, scenario.includes('restart') ? TaskBench.open : DriverBench.open)).toBe(
    rowsOf(scenario).join('\n'),
  );
});

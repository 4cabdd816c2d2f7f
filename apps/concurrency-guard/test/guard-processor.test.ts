import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';

test.each<[string, string]>([
  [
    'gives a slot while one is free and refuses the next start, naming who is in the way and until when',
    `
     0   start a tv       -> allow a 1/2
     1   start b phone    -> allow b 2/2
     2   start c tablet   -> deny c concurrency-limit 2/2 conflicts a b retry 23; stop c concurrency-limit
     2   look c           -> ended concurrency-limit stop beats=0 events=0 last=-1
     2   look a           -> active beats=0 events=0 last=-1
    `,
  ],
  [
    'decides two simultaneous starts in the order of the log',
    `
     0   limit 1          ->
     1   start a tv       -> allow a 1/1
     1   start b phone    -> deny b concurrency-limit 1/1 conflicts a retry 25; stop b concurrency-limit
    `,
  ],
  [
    'keeps accounts apart',
    `
     0   limit 1                     ->
     0   limit 1 account=acc-2       ->
     1   start a tv                  -> allow a 1/1
     1   start b tv account=acc-2    -> allow b 1/1
    `,
  ],
  [
    'takes the limit from the entitlement from then on, and leaves running streams alone',
    `
     0   limit 3          ->
     1   start a tv       -> allow a 1/3
     1   start b phone    -> allow b 2/3
     2   limit 1          ->
     3   beat a 0         ->
     3   beat b 0         ->
     4   start c tablet   -> deny c concurrency-limit 2/1 conflicts a b retry 24; stop c concurrency-limit
     5   limit none       ->
     6   stop a           ->
     7   start d tablet   -> allow d 2/2
    `,
  ],
  [
    'lets the start of a device replace its own older session, for good',
    `
     0   limit 1          ->
     1   start a tv       -> allow a 1/1
     5   start b tv       -> allow b 1/1 replaces a; stop a replaced
     6   beat a 0         ->
     6   look a           -> ended replaced stop beats=1 events=0 last=0
     7   look b           -> active beats=0 events=0 last=-1
    `,
  ],
  [
    'frees the slot of a player that has come to the end, and opens it for a later beat that plays, not for an earlier one',
    `
     0   limit 1                     ->
     1   start a tv                  -> allow a 1/1
     2   beat a 0                    ->
     3   beat a 2 state=ENDED        ->
     3   look a                      -> ended ended beats=2 events=0 last=2
     4   beat a 1 state=PLAYING      ->
     4   look a                      -> ended ended beats=3 events=0 last=2
     5   start b phone               -> allow b 1/1
     6   stop b                      ->
     7   beat a 3 state=PLAYING      -> reopen allow a 1/1
    `,
  ],
  [
    'does not count two sessions without a device as one device',
    `
     0   limit 1          ->
     1   start a -        -> allow a 1/1
     2   start b -        -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
    `,
  ],
  [
    'frees the slot by an explicit stop at once, and of a session that vanished after interval and grace',
    `
     0   limit 1                     ->
     0   start a tv interval=10      -> allow a 1/1
     10  beat a 0 interval=10        ->
     34.9 start b phone              -> deny b concurrency-limit 1/1 conflicts a retry 0.1; stop b concurrency-limit
     35  start c phone               -> allow c 1/1
     36  stop c                      ->
     36  start d tablet              -> allow d 1/1
    `,
  ],
  [
    'a beat renews the lease, a repeated one does not',
    `
     0   start a tv       -> allow a 1/2
     10  beat a 0         ->
     20  beat a 0         ->
     34  look a           -> active beats=1 events=0 last=0
     35  look a           -> ended lease-expired beats=1 events=0 last=0
    `,
  ],
  [
    'counts native sequences once, in any order',
    `
     0   start a tv       -> allow a 1/2
     1   beat a 0         ->
     2   beat a 2         ->
     3   beat a 1         ->
     4   beat a 2         ->
     5   event a 0        ->
     6   event a 0        ->
     7   event a 1        ->
     7   look a           -> active beats=3 events=2 last=2
    `,
  ],
  [
    'opens a session by its first beat when there was no start, and refuses that when no slot is free',
    `
     0   limit 1          ->
     0   beat a 0 device=tv      -> reopen allow a 1/1
     1   beat b 0 device=phone   -> reopen deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     2   beat b 1         ->
     2   look b           -> ended concurrency-limit stop beats=2 events=0 last=1
    `,
  ],
  [
    'opens a session again by a beat after its lease ran out, if a slot is free then',
    `
     0   limit 1          ->
     0   start a tv       -> allow a 1/1
     30  look a           -> ended lease-expired beats=0 events=0 last=-1
     31  beat a 0         -> reopen allow a 1/1
     32  look a           -> active beats=1 events=0 last=0
     60  start b phone    -> allow b 1/1
     61  beat a 1         -> reopen deny a concurrency-limit 1/1 conflicts b retry 24; stop a concurrency-limit
    `,
  ],
  [
    'a session that a newer one of its device has followed does not come back',
    `
     0   start a tv       -> allow a 1/2
     30  start b tv       -> allow b 1/2
     31  beat a 0         -> reopen deny a replaced 1/2 conflicts b retry 24; stop a replaced
     32  look b           -> active beats=0 events=0 last=-1
    `,
  ],
  [
    "after a session's own stop beats are counted and open nothing",
    `
     0   start a tv       -> allow a 1/2
     1   beat a 0         ->
     2   stop a           ->
     3   beat a 1         ->
     16  beat a 2         ->
     16  look a           -> ended stopped beats=3 events=0 last=2
     41  stop a           ->
     41  look a           -> ended stopped beats=3 events=0 last=2
    `,
  ],
  [
    'a stop before anything else is known ends the session all the same',
    `
     0   stop a           ->
     1   beat a 0         ->
     1   look a           -> ended stopped beats=1 events=0 last=0
     2   start a tv       -> deny a session-ended 0/2
    `,
  ],
  [
    "a termination ends another's session at once and for good",
    `
     0   limit 1          ->
     0   start a tv       -> allow a 1/1
     1   terminate a      -> terminated a; stop a terminated
     2   start b phone    -> allow b 1/1
     3   beat a 0         ->
     3   look a           -> ended terminated stop beats=1 events=0 last=0
     4   terminate a      -> terminated a; stop a terminated
     5   stop a           ->
     5   look a           -> ended terminated stop beats=1 events=0 last=0
    `,
  ],
  [
    'a termination holds for a session that was never seen',
    `
     0   terminate a      -> terminated a; stop a terminated
     1   beat a 0         ->
     1   look a           -> ended terminated stop beats=1 events=0 last=0
    `,
  ],
])('%s', async (_name, scenario) => {
  expect(await play(scenario, DriverBench.open)).toBe(rowsOf(scenario).join('\n'));
});

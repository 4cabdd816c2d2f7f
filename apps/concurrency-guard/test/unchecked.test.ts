import { expect, test } from '@jest/globals';
import { DriverBench } from './driver-bench.ts';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

test.each<[string, string]>([
  [
    'a start that a gateway admitted unchecked is judged where it stands in the log, and stopped if it exceeds a limit',
    `
     0   limit 1                      ->
     0   start a tv                   -> allow a 1/1
     1   start b phone                -> deny b concurrency-limit 1/1 conflicts a retry 24; stop b concurrency-limit
     2   unchecked b                  -> check deny b concurrency-limit 1/1 admitted-unchecked conflicts a retry 24
     2   look b                       -> ended concurrency-limit stop beats=0 events=0 last=-1
    `,
  ],
  [
    'one that was right is said to have been right',
    `
     0   start a tv                   -> allow a 1/2
     2   unchecked a                  -> check allow a 1/2 admitted-unchecked
    `,
  ],
  [
    'a start that waited for Kafka is history; its first beat is decided on, in hindsight',
    `
     0   limit 1                      ->
     60  start b phone                -> allow b 1/1
     60  start a tv late              -> allow a 0/1 unchecked
     60  unchecked a late             ->
     61  beat a 0                     -> reopen deny a concurrency-limit 1/1 admitted-unchecked conflicts b retry 24; stop a concurrency-limit
    `,
  ],
  [
    'the first beat came by another gateway while the start waited on disk, and was not said to have been refused',
    `
     0   limit 1                      ->
     0   start b phone                -> allow b 1/1
     1   beat a 0                     -> reopen deny a concurrency-limit 1/1 conflicts b retry 24; stop a concurrency-limit
     2   start a tv late              -> allow a 0/1 unchecked
     2   unchecked a late             -> check deny a concurrency-limit 1/1 admitted-unchecked conflicts b retry 24
    `,
  ],
  [
    'a start that waited on disk forgot what its viewer had chosen to end',
    `
     0   policy {"policy":"p","rules":[{"rule":"one","max":1,"strategy":"ask"}]} ->
     0   start a tv                   -> allow a 1/1
     1   start b phone end=a late     -> allow b 0/2 unchecked
     2   beat b 0                     -> reopen allow b 1/1 ends a; stop a viewer-choice
    `,
  ],
  [
    'what the viewer had chosen to end is ended by the first decision alone, not by a later one',
    `
     0   policy {"policy":"p","rules":[{"rule":"one","max":1,"strategy":"ask"}]} ->
     0   start a tv                   -> allow a 1/1
     1   start b phone end=a,c late   -> allow b 0/2 unchecked
     2   beat b 0                     -> reopen allow b 1/1 ends a; stop a viewer-choice
     28  start c laptop               -> allow c 1/1
     29  beat b 1                     -> reopen deny b concurrency-limit 1/1 by p/one conflicts c retry 24; stop b concurrency-limit
    `,
  ],
])('%s', async (_name, lines) => {
  const expected = rowsOf(lines).join('\n');
  expect(await play(lines, () => DriverBench.open())).toBe(expected);
});

test('counts unchecked admissions once, and those that exceeded a limit', async () => {
  const bench = await TaskBench.open();
  const lines = `
    0   limit 1                      ->
    0   start a tv                   ->
    1   start b phone                ->
    2   unchecked b                  ->
    2   again                        ->
    3   stop a                       ->
    4   start c tablet               ->
    5   unchecked c                  ->
    60  start d tv late              ->
    60  unchecked d late             ->
    60  start e phone                ->
    61  beat d 0 device=tv           ->
    62  beat d 1 device=tv           ->
  `;
  await play(lines, async () => bench);
  const { uncheckedAdmissions, uncheckedOverLimit, denials, decisions } = bench.metrics;
  expect({ uncheckedAdmissions, uncheckedOverLimit, denials, decisions }).toEqual({
    uncheckedAdmissions: 3,
    uncheckedOverLimit: 2,
    denials: { 'concurrency-limit': 2 },
    decisions: { 'ADMISSION allow': 3, 'ADMISSION deny': 1, 'IMPLICIT_ADMISSION deny': 1 },
  });
});

test.each<[string, number, string]>([
  [
    'a stream that was right when it was admitted counted as over the limit once it came back too late',
    0,
    `
    0   limit 1                      ->
    0   start a tv                   ->
    1   unchecked a                  ->
    60  start b phone                ->
    61  beat a 0                     ->
    `,
  ],
  [
    'a session that had stopped before its start was decided on counted as over the limit',
    0,
    `
    0   unchecked a                  ->
    1   stop a                       ->
    1   start a tv                   ->
    `,
  ],
  [
    'a start over the limit was not counted when its first beat had been decided on before',
    1,
    `
    0   limit 1                      ->
    0   start b phone                ->
    1   beat a 0                     ->
    2   start a tv late              ->
    2   unchecked a late             ->
    2   again                        ->
    `,
  ],
])('%s', async (_name, overLimit, lines) => {
  const bench = await TaskBench.open();
  await play(lines, async () => bench);
  expect(bench.metrics.uncheckedOverLimit).toBe(overLimit);
});

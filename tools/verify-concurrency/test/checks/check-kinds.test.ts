import { describe, expect, test } from '@jest/globals';
import type { AccountSeen, LoggedVerdict } from '../../src/history.ts';
import { account, beatsTo, logOf, refused, rules, seenOf, stopped } from './seen.ts';

type Verdicts = Readonly<Record<string, readonly LoggedVerdict[]>>;
/** What was seen of an account, the verdicts in the log, and the rules that are broken. */
type Row = readonly [string, AccountSeen, Verdicts, readonly string[]];

const grace = seenOf('grace');
const endOldest = seenOf('end-oldest');
const kept = seenOf('kept');
const shadow = seenOf('shadow');
const exempt = seenOf('exempt');
const long = { device: 'd1', at: 0, beats: beatsTo(0, 9_000) };
const told = (at: number) => ({ at, verdict: 'stop', reason: 'concurrency-limit' });

const ROWS: readonly Row[] = [
  [
    'a grace, and its end',
    grace(1, [long, { device: 'd2', at: 100, beats: [...beatsTo(100, 4_500), told(5_100)] }]),
    { 'd2@100': [stopped('concurrency-limit', 5_105)] },
    [],
  ],
  [
    'a grace that does not end',
    grace(1, [long, { device: 'd2', at: 100, beats: beatsTo(100, 9_000) }]),
    {},
    ['over-limit'],
  ],
  [
    'more streams than the grace admits',
    grace(1, [long, { device: 'd2', at: 100 }, { device: 'd3', at: 200 }]),
    {},
    ['over-limit'],
  ],
  [
    'a stop within the grace',
    grace(1, [long, { device: 'd2', at: 100, beats: [1_100, told(2_100)] }]),
    { 'd2@100': [stopped('concurrency-limit', 2_105)] },
    ['stopped-without-cause'],
  ],
  [
    'a stream that took its device’s place in the middle of the account’s grace, and ended with it',
    grace(1, [
      long,
      { device: 'd2', at: 100, beats: [1_100] },
      { device: 'd2', at: 2_000, beats: [...beatsTo(2_000, 4_000), told(4_500)] },
    ]),
    { 'd2@100': [stopped('replaced', 2_005)], 'd2@2000': [stopped('concurrency-limit', 4_505)] },
    [],
  ],
  [
    'the same, and it ended before the grace did',
    grace(1, [
      long,
      { device: 'd2', at: 100, beats: [1_100] },
      { device: 'd2', at: 2_000, beats: [...beatsTo(2_000, 3_000), told(3_500)] },
    ]),
    { 'd2@100': [stopped('replaced', 2_005)], 'd2@2000': [stopped('concurrency-limit', 3_505)] },
    ['stopped-without-cause'],
  ],
  [
    'a stop after the grace of one that is not too many',
    grace(2, [long, { device: 'd2', at: 100, beats: [...beatsTo(100, 4_500), told(5_100)] }]),
    { 'd2@100': [stopped('concurrency-limit', 5_105)] },
    ['stopped-without-cause'],
  ],
  [
    'a newer one that ends the oldest',
    endOldest(1, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    { 'd1@0': [stopped('newer-stream', 120, 'd2@100')] },
    [],
  ],
  [
    'a newer one that ends nothing',
    endOldest(1, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    {},
    ['over-limit'],
  ],
  [
    'a newer one that ends another than the oldest',
    endOldest(2, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 50 },
      { device: 'd3', at: 100 },
    ]),
    { 'd2@50': [stopped('newer-stream', 120, 'd3@100')] },
    ['stopped-without-cause'],
  ],
  [
    'a newer one that ends another although there is room',
    endOldest(2, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    { 'd1@0': [stopped('newer-stream', 120, 'd2@100')] },
    ['stopped-without-cause'],
  ],
  [
    'a newer one that is refused',
    endOldest(1, [{ device: 'd1', at: 0 }], [refused('d2', 100)]),
    {},
    ['refused-while-free'],
  ],
  [
    'another device while the first is kept',
    kept(1, [
      { device: 'd1', at: 0, stopAt: 50 },
      { device: 'd2', at: 2_900 },
    ]),
    {},
    ['over-limit'],
  ],
  [
    'the same device while it is kept, and another one after it',
    kept(1, [
      { device: 'd1', at: 0, stopAt: 50 },
      { device: 'd1', at: 100, stopAt: 150 },
      { device: 'd2', at: 3_150 },
    ]),
    {},
    [],
  ],
  [
    'a refusal while another device is kept',
    kept(1, [{ device: 'd1', at: 0, stopAt: 50 }], [refused('d2', 2_900)]),
    {},
    [],
  ],
  [
    'a refusal after the other device was kept',
    kept(1, [{ device: 'd1', at: 0, stopAt: 50 }], [refused('d2', 3_050)]),
    {},
    ['refused-while-free'],
  ],
  [
    'a refusal of the device that is kept',
    kept(1, [{ device: 'd1', at: 0, stopAt: 50 }], [refused('d1', 1_000)]),
    {},
    ['refused-while-free'],
  ],
  ['a refusal by a rule in shadow', shadow(9, [long], [refused('d2', 100)]), {}, ['refused-while-free']],
  [
    'a stop by a rule in shadow',
    shadow(9, [long, { device: 'd2', at: 100 }]),
    { 'd1@0': [stopped('newer-stream', 120, 'd2@100')] },
    ['stopped-without-cause', ...beatsTo(2_000, 9_000).map(() => 'stop-not-told')],
  ],
  [
    'exempt content beside what is counted, on the same device too',
    exempt(1, [
      { device: 'd1', at: 0 },
      { device: 'd1', at: 50, exempt: true },
      { device: 'd2', at: 100, exempt: true },
    ]),
    {},
    [],
  ],
  [
    'exempt content that is counted',
    exempt(1, [{ device: 'd1', at: 0, exempt: true }], [refused('d2', 100)]),
    {},
    ['refused-while-free'],
  ],
  [
    'exempt content that is refused',
    exempt(1, [{ device: 'd1', at: 0 }], [{ ...refused('d2', 100), exempt: true }]),
    {},
    ['refused-while-free'],
  ],
  [
    'exempt content that is stopped',
    exempt(1, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100, exempt: true },
    ]),
    { 'd2@100': [stopped('concurrency-limit', 5_000)] },
    ['stopped-without-cause'],
  ],
];

describe('what the checks find of each kind of account', () => {
  test.each(ROWS)('%s', (_name, seen, verdicts, expected) => {
    expect(rules(seen, logOf(seen, { verdicts }))).toEqual(expected);
  });

  test('a limit that stops a stream whose leases followed each other is found, also when it was never told', () => {
    const seen = account(1, [long, { device: 'd2', at: 20_000 }]);
    const verdicts = { 'd1@0': [stopped('concurrency-limit', 10_000)] };
    expect(rules(seen, logOf(seen, { verdicts }))).toEqual(['stopped-without-cause']);
  });
});

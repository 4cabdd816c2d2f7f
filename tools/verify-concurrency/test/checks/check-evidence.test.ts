import { describe, expect, test } from '@jest/globals';
import { checkAccount } from '../../src/checks/check-account.ts';
import type { Span } from '../../src/checks/holds.ts';
import type { AccountSeen, LoggedVerdict } from '../../src/history.ts';
import { account, beatsTo, logOf, refused, rules, seenOf, stopped, TIMES } from './seen.ts';

type Verdicts = Readonly<Record<string, readonly LoggedVerdict[]>>;
/** What was seen of an account, the verdicts in the log, and the rules that are broken. */
type Row = readonly [string, AccountSeen, Verdicts, readonly string[]];

const silent = seenOf('silent');
const named = seenOf('named');
/** It beats on after its own stop. */
const PLAYED_ON = { device: 'd1', at: 0, stopAt: 500, beats: [550, 1_990] };

const ROWS: readonly Row[] = [
  [
    'one too many beside a stream that lives by evidence',
    silent(1, [
      { device: 'd1', at: 0, evidence: [2_000, 4_000] },
      { device: 'd2', at: 6_000 },
    ]),
    {},
    ['over-limit'],
  ],
  [
    'the next one after the evidence',
    silent(1, [
      { device: 'd1', at: 0, evidence: [2_000, 4_000] },
      { device: 'd2', at: 6_600 },
    ]),
    {},
    [],
  ],
  [
    'media that are refused to a stream whose slot is its own',
    silent(1, [{ device: 'd1', at: 0, evidence: [2_000], authorizations: [{ at: 2_100, status: 403 }] }]),
    {},
    ['stopped-without-cause'],
  ],
  [
    'media that are served long after a stop',
    silent(1, [
      { device: 'd1', at: 0, terminatedAt: 100, authorizations: [1_000, 2_200].map((at) => ({ at, status: 204 })) },
    ]),
    { 'd1@0': [stopped('stopped-by-operator', 120)] },
    ['stop-not-told'],
  ],
  [
    'evidence that is told nothing long after a stop',
    silent(1, [{ device: 'd1', at: 0, terminatedAt: 100, evidence: [1_000, 2_200] }]),
    { 'd1@0': [stopped('stopped-by-operator', 120)] },
    ['stop-not-told'],
  ],
  [
    'one too many by names of a back end',
    named(1, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    {},
    ['over-limit'],
  ],
  [
    'one too many by names of a back end, which is stopped',
    named(1, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    { 'd2@100': [stopped('concurrency-limit', 120)] },
    [],
  ],
  [
    'a name of a back end that is refused while there is room',
    named(2, [
      { device: 'd1', at: 0 },
      { device: 'd2', at: 100 },
    ]),
    { 'd2@100': [stopped('concurrency-limit', 120)] },
    ['stopped-without-cause'],
  ],
  [
    "a stop of another account's session of the same name",
    named(1, [{ device: 'd1', at: 0 }]),
    { 'd1@0': [stopped('stopped-by-operator', 120)] },
    ['stopped-without-cause'],
  ],
  [
    'a stop that says that it played on, within the grace after its own stop',
    account(1, [PLAYED_ON]),
    { 'd1@0': [stopped('played-on-after-stop', 2_000)] },
    ['stopped-without-cause'],
  ],
  [
    'a stop that says that it played on, after the grace',
    account(1, [PLAYED_ON]),
    { 'd1@0': [stopped('played-on-after-stop', 2_001)] },
    [],
  ],
  [
    'a stop by the limit at once after its own stop, while there is room',
    account(1, [PLAYED_ON]),
    { 'd1@0': [stopped('concurrency-limit', 600)] },
    ['stopped-without-cause'],
  ],
];

describe('what the checks find of evidence, of ends, and with clocks that are off', () => {
  test.each(ROWS)('%s', (_name, seen, verdicts, expected) => {
    expect(rules(seen, logOf(seen, { verdicts }))).toEqual(expected);
  });

  test('beats after its own stop hold nothing, whatever they are told', () => {
    const after = [3_000, { at: 4_000, verdict: 'stop', reason: 'session-ended' }];
    const seen = account(1, [
      { device: 'd1', at: 0, stopAt: 500, beats: after },
      { device: 'd2', at: 600, beats: beatsTo(600, 5_000) },
    ]);
    const verdicts = { 'd1@0': [stopped('session-ended', 4_005)] };
    expect(rules(seen, logOf(seen, { verdicts }))).toEqual([]);
  });

  test.each<[string, Span[], boolean]>([
    ['long before', [{ from: 0, to: 100 }], true],
    ['just then', [{ from: 500, to: 2_500 }], false],
    ['after it', [{ from: 2_600, to: 3_000 }], true],
  ])('a stop need not be told by a gateway that was started %s', (_name, gatewaysAway, isWrong) => {
    const seen = silent(1, [{ device: 'd1', at: 0, terminatedAt: 100, evidence: [2_200] }]);
    const log = logOf(seen, { verdicts: { 'd1@0': [stopped('stopped-by-operator', 120)] } });
    const found = checkAccount(seen, log, { ...TIMES, gatewaysAway }).map(({ rule }) => rule);
    expect(found).toEqual(isWrong ? ['stop-not-told'] : []);
  });

  test('evidence that waited on a disk keeps no slot', () => {
    const seen = silent(1, [
      { device: 'd1', at: 0, evidence: [2_000] },
      { device: 'd2', at: 3_000 },
    ]);
    expect(rules(seen)).toEqual(['over-limit']);
    expect(rules(seen, logOf(seen, { evidence: { 'd1@0': { records: 1, late: true } } }))).toEqual([]);
  });

  test('acknowledged evidence and stops that the log does not have are found', () => {
    const seen = silent(1, [{ device: 'd1', at: 0, evidence: [1_000, 2_000], stopAt: 3_000 }]);
    const log = logOf(seen, { evidence: { 'd1@0': { records: 1, late: false } }, ends: { 'd1@0': undefined } });
    expect(rules(seen, log)).toEqual(['evidence-not-in-log', 'stop-not-in-log']);
  });

  test('a stop that waited on a disk frees the slot when it is in the log', () => {
    const seen = account(1, [{ device: 'd1', at: 0, beats: [1_000], stopAt: 1_100 }], [refused('d2', 2_000)]);
    expect(rules(seen)).toEqual(['refused-while-free']);
    expect(rules(seen, logOf(seen, { ends: { 'd1@0': { late: true, readAt: 2_500 } } }))).toEqual([]);
  });

  test.each<[string, AccountSeen, Verdicts]>([
    [
      'over-limit',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 2_300 },
      ]),
      {},
    ],
    ['refused-while-free', account(1, [{ device: 'd1', at: 0 }], [refused('d2', 2_900)]), {}],
    ['stopped-without-cause', account(1, [PLAYED_ON]), { 'd1@0': [stopped('played-on-after-stop', 1_500)] }],
  ])('clocks that are off widen what is certain: %s', (rule, seen, verdicts) => {
    const log = logOf(seen, { verdicts });
    const found = (skewMs: number) => checkAccount(seen, log, { ...TIMES, skewMs }).map((one) => one.rule);
    expect([found(0), found(300)]).toEqual([[rule], []]);
  });
});

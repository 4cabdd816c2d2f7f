import { describe, expect, test } from '@jest/globals';
import { checkCounts } from '../../src/checks/check-counts.ts';
import { checkTerminations, countTooEarly } from '../../src/checks/check-terminations.ts';
import { countUnchecked } from '../../src/checks/count-unchecked.ts';
import type { LoggedBeat, LoggedStart, LoggedVerdict } from '../../src/history.ts';
import { account, exchange, logOf, rules, stopped, TIMES } from './seen.ts';

const late = { eventId: 'x', late: true };

describe('what the checks find in the log', () => {
  test('a beat that waited on disk keeps no slot', () => {
    const seen = account(1, [
      { device: 'd1', at: 0, beats: [1_000] },
      { device: 'd2', at: 2_600 },
    ]);
    expect(rules(seen, logOf(seen, { beats: { 'd1@0/0': [late] } }))).toEqual([]);
  });

  test('a session that was admitted and whose start is not in the log is found', () => {
    const seen = account(1, [{ device: 'd1', at: 0 }]);
    expect(rules(seen, logOf(seen, { starts: { 'd1@0': undefined } }))).toEqual(['start-not-in-log']);
  });

  test.each<[string, readonly LoggedBeat[], readonly string[]]>([
    ['is not there', [], ['beat-not-in-log']],
    ['is there once', [{ eventId: '1', late: false }], []],
    [
      'was written again from a disk',
      [
        { eventId: '1', late: false },
        { eventId: '1', late: true },
      ],
      [],
    ],
    [
      'is there more often than it was sent',
      [
        { eventId: '1', late: false },
        { eventId: '1', late: false },
      ],
      ['beat-logged-too-often'],
    ],
  ])('an acknowledged beat that %s in the log', (_name, logged, expected) => {
    const seen = account(1, [{ device: 'd1', at: 0, beats: [1_000] }]);
    expect(rules(seen, logOf(seen, { beats: { 'd1@0/0': logged } }))).toEqual(expected);
  });

  test('a beat that was sent twice may be logged twice, as the same event', () => {
    const twice = account(1, [{ device: 'd1', at: 0, beats: [1_000, { at: 1_100, sequence: 0 }] }]);
    const log = (ids: readonly string[]) =>
      logOf(twice, { beats: { 'd1@0/0': ids.map((eventId) => ({ eventId, late: false })) } });
    expect(rules(twice, log(['1', '1']))).toEqual([]);
    expect(rules(twice, log(['1', '2']))).toEqual(['beat-logged-too-often']);
  });

  test.each<[string, readonly (LoggedVerdict | null)[], readonly string[]]>([
    ['a stop with its reason', [stopped('stopped-by-operator')], []],
    ['a stop without one', [stopped(null)], ['stopped-without-cause', 'verdict-without-reason']],
    ['a stop that is forgotten', [stopped('stopped-by-operator'), null], ['verdict-taken-back']],
    [
      'a stop that becomes another',
      [stopped('stopped-by-operator'), { ...stopped(null), verdict: 'CONTINUE' }],
      ['verdict-taken-back'],
    ],
  ])('the log of verdicts: %s', (_name, logged, expected) => {
    const seen = account(1, [{ device: 'd1', at: 0, terminatedAt: 5 }]);
    expect(rules(seen, logOf(seen, { verdicts: { 'd1@0': logged } }))).toEqual(expected);
  });
});

test('a session of which not as many beats were counted as are in the log is found', () => {
  const seen = account(1, [{ device: 'd1', at: 0, beats: [1_000, 2_000] }]);
  const counted = (beats: number) =>
    checkCounts([seen], logOf(seen), [{ session: 'd1@0', beats }]).map(({ rule }) => rule);
  expect([counted(1), counted(2), counted(3)]).toEqual([['beat-counted-wrong'], [], ['beat-counted-wrong']]);
});

test('what the rule of the tenant signed for is counted, and how much of it was too much', () => {
  const seen = account(1, [
    { device: 'd1', at: 0 },
    { device: 'd2', at: 100, checked: false },
    { device: 'd3', at: 9_000, checked: false },
  ]);
  expect(countUnchecked([seen], logOf(seen), TIMES)).toEqual({ admitted: 2, overLimit: 1 });
});

describe('a termination that is answered 404', () => {
  const SENT_AT = 1_000;

  test.each<[string, number, LoggedStart | undefined, boolean]>([
    ['of a session that the log has', 1, { late: false, readAt: 10 }, true],
    ['of a session that the log has got just then, and that never waited', 1, { late: false, readAt: 1_500 }, true],
    ['by the gateway on whose disk the start waits', 0, { late: true, readAt: 1_500 }, true],
    ['by another gateway than the one on whose disk the start waits', 1, { late: true, readAt: 1_500 }, false],
    ['by another gateway after what had waited is in the log', 1, { late: true, readAt: 900 }, true],
    ['of a session that the log never gets', 1, undefined, true],
  ])('%s', (_name, gateway, start, isWrong) => {
    const seen = account(1, [{ device: 'd1', at: 0, checked: false }]);
    seen.sessions[0]?.terminations.push({ ...exchange(SENT_AT), status: 404, gateway });
    const log = logOf(seen, { starts: { 'd1@0': start } });
    expect(checkTerminations([seen], log).map(({ rule }) => rule)).toEqual(isWrong ? ['wrong-status'] : []);
    expect(countTooEarly([seen], log)).toBe(isWrong ? 0 : 1);
  });
});

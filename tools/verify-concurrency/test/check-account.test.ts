import { describe, expect, test } from '@jest/globals';
import { checkAccount, countUnheard } from '../src/checks/check-account.ts';
import { checkCounts } from '../src/checks/check-counts.ts';
import { checkTerminations, countTooEarly } from '../src/checks/check-terminations.ts';
import { countUnchecked } from '../src/checks/count-unchecked.ts';
import type { Span } from '../src/checks/holds.ts';
import type {
  AccountSeen,
  BeatSeen,
  LoggedBeat,
  LoggedStart,
  LoggedVerdict,
  LogSeen,
  SessionSeen,
  StartSeen,
} from '../src/history.ts';

const TIMES = { intervalMs: 1_000, graceMs: 1_500, inFlightMs: 1_000, brokerAway: [] };
/** Every exchange takes this long. */
const ANSWER_MS = 10;

interface SessionGiven {
  readonly device: string;
  readonly at: number;
  readonly checked?: boolean;
  /** Times of beats, with what was answered: go on, where nothing is said. */
  readonly beats?: readonly (number | (Partial<BeatSeen> & { readonly at: number }))[];
  readonly stopAt?: number;
  readonly disturbedAt?: number;
}

const exchange = (at: number) => ({ sentAt: at, answeredAt: at + ANSWER_MS });

function session({ device, at, checked = true, beats = [], stopAt, disturbedAt }: SessionGiven): SessionSeen {
  const id = `${device}@${at}`;
  return {
    session: id,
    account: 'a',
    device,
    start: { ...exchange(at), status: 201, gateway: 0, device, session: id, checked },
    beats: beats.map((given, sequence) => {
      const { at: sentAt, ...rest } = typeof given === 'number' ? { at: given } : given;
      const told = { verdict: 'continue', nextBeatInMs: TIMES.intervalMs };
      return { ...exchange(sentAt), status: 200, sequence, ...told, ...rest };
    }),
    stops: stopAt === undefined ? [] : [{ ...exchange(stopAt), status: 204 }],
    terminations: [],
    ...(disturbedAt === undefined ? {} : { disturbedAt }),
  };
}

const refused = (device: string, at: number): StartSeen => ({ ...exchange(at), status: 409, gateway: 0, device });
const lost = (device: string, at: number): StartSeen => ({ ...exchange(at), status: 0, gateway: 0, device });

function account(maxStreams: number, given: readonly SessionGiven[], others: readonly StartSeen[] = []): AccountSeen {
  const sessions = given.map(session);
  return { account: 'a', maxStreams, sessions, starts: [...sessions.map(({ start }) => start), ...others] };
}

/** A log that has every acknowledged beat once, but for what is given. */
function logOf(
  seen: AccountSeen,
  {
    beats = {},
    starts = {},
    verdicts = {},
  }: {
    readonly starts?: Readonly<Record<string, LoggedStart | undefined>>;
    readonly beats?: Readonly<Record<string, readonly LoggedBeat[]>>;
    readonly verdicts?: Readonly<Record<string, readonly (LoggedVerdict | null)[]>>;
  } = {},
): LogSeen {
  const logged = seen.sessions.map(({ session: id, beats: sent }) => {
    const ofSession = sent
      .filter(({ status }) => status === 200)
      .map(({ sequence }): [number, readonly LoggedBeat[]] => {
        return [sequence, beats[`${id}/${sequence}`] ?? [{ eventId: `${id}/${sequence}`, late: false }]];
      });
    return [id, new Map(ofSession)] as const;
  });
  const inLog = seen.sessions.flatMap(({ session: id, start }) => {
    const found = id in starts ? starts[id] : { late: false, readAt: start.answeredAt };
    return found === undefined ? [] : [[id, found] as const];
  });
  return { beats: new Map(logged), starts: new Map(inLog), verdicts: new Map(Object.entries(verdicts)) };
}

const rules = (seen: AccountSeen, log = logOf(seen)): readonly string[] =>
  checkAccount(seen, log, TIMES).map(({ rule }) => rule);

const late = { eventId: 'x', late: true };

describe('what the checks find', () => {
  test.each<[string, AccountSeen, readonly string[]]>([
    [
      'as many as allowed',
      account(2, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 5 },
      ]),
      [],
    ],
    [
      'one too many',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 100 },
      ]),
      ['over-limit'],
    ],
    [
      'one too many in the same moment',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 0 },
      ]),
      ['over-limit', 'over-limit'],
    ],
    [
      'the next one after a stop',
      account(1, [
        { device: 'd1', at: 0, stopAt: 90 },
        { device: 'd2', at: 100 },
      ]),
      [],
    ],
    [
      'the next one before a stop',
      account(1, [
        { device: 'd1', at: 0, stopAt: 500 },
        { device: 'd2', at: 100 },
      ]),
      ['over-limit'],
    ],
    [
      'the next one after the lease',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 2_600 },
      ]),
      [],
    ],
    [
      'the next one while beats keep the lease',
      account(1, [
        { device: 'd1', at: 0, beats: [1_000, 2_000] },
        { device: 'd2', at: 2_600 },
      ]),
      ['over-limit'],
    ],
    [
      'the next one after a beat that came too late',
      account(1, [
        { device: 'd1', at: 0, beats: [2_495] },
        { device: 'd2', at: 2_600 },
      ]),
      [],
    ],
    [
      'the next one after a beat whose answer had asked for the next one earlier, and the lease is as much shorter',
      account(1, [
        { device: 'd1', at: 0, beats: [{ at: 1_000, nextBeatInMs: 950 }, 3_445] },
        { device: 'd2', at: 3_470 },
      ]),
      [],
    ],
    [
      'the next one after a beat whose answer had asked for the next one later, and the lease is as much longer',
      account(1, [
        { device: 'd1', at: 0, beats: [{ at: 1_000, nextBeatInMs: 1_050 }] },
        { device: 'd2', at: 3_530 },
      ]),
      ['over-limit'],
    ],
    [
      'the next one after the lease of a beat of which only the second try was answered, though the first was taken',
      account(1, [
        {
          device: 'd1',
          at: 0,
          beats: [
            { at: 1_000, status: 0 },
            { at: 1_500, sequence: 0 },
          ],
        },
        { device: 'd2', at: 3_600 },
      ]),
      [],
    ],
    [
      'the next one within the least lease of a beat that was sent twice',
      account(1, [
        {
          device: 'd1',
          at: 0,
          beats: [
            { at: 1_000, status: 0 },
            { at: 1_500, sequence: 0 },
          ],
        },
        { device: 'd2', at: 3_300 },
      ]),
      ['over-limit'],
    ],
    [
      'the same device again',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd1', at: 100 },
      ]),
      [],
    ],
    [
      'admitted by the rule of the tenant',
      account(1, [
        { device: 'd1', at: 0 },
        { device: 'd2', at: 100, checked: false },
      ]),
      [],
    ],
    ['refused while all is taken', account(1, [{ device: 'd1', at: 0 }], [refused('d2', 100)]), []],
    ['refused while one is free', account(2, [{ device: 'd1', at: 0 }], [refused('d2', 100)]), ['refused-while-free']],
    [
      'refused after a stop',
      account(1, [{ device: 'd1', at: 0, stopAt: 50 }], [refused('d2', 100)]),
      ['refused-while-free'],
    ],
    [
      'refused while a lease may go on',
      account(1, [{ device: 'd1', at: 0, beats: [1_000] }], [refused('d2', 3_500)]),
      [],
    ],
    [
      'refused after every lease',
      account(1, [{ device: 'd1', at: 0, beats: [1_000] }], [refused('d2', 3_700)]),
      ['refused-while-free'],
    ],
    ['refused while a start that was lost may hold a slot', account(1, [], [lost('d1', 0), refused('d2', 2_000)]), []],
    [
      'refused long after a start that was lost',
      account(1, [], [lost('d1', 0), refused('d2', 4_000)]),
      ['refused-while-free'],
    ],
    [
      'told to stop while its slot is its own',
      account(1, [{ device: 'd1', at: 0, beats: [{ at: 1_000, verdict: 'stop', reason: 'x' }] }]),
      ['stopped-without-cause'],
    ],
    [
      'told to stop after its lease',
      account(1, [{ device: 'd1', at: 0, beats: [{ at: 2_600, verdict: 'stop', reason: 'x' }] }]),
      [],
    ],
    [
      'told to stop after somebody had its ticket',
      account(1, [{ device: 'd1', at: 0, disturbedAt: 500, beats: [{ at: 1_000, verdict: 'stop', reason: 'x' }] }]),
      [],
    ],
    [
      'told to stop, and not why',
      account(1, [{ device: 'd1', at: 0, beats: [{ at: 2_600, verdict: 'stop' }] }]),
      ['verdict-without-reason'],
    ],
    [
      'told to go on at once after a stop',
      account(1, [{ device: 'd1', at: 0, beats: [{ at: 2_600, verdict: 'stop', reason: 'x' }, 2_700] }]),
      [],
    ],
    [
      'told to go on long after a stop',
      account(1, [{ device: 'd1', at: 0, beats: [{ at: 2_600, verdict: 'stop', reason: 'x' }, 4_700] }]),
      ['verdict-taken-back'],
    ],
  ])('%s', (_name, seen, expected) => {
    expect(rules(seen)).toEqual(expected);
  });

  test.each<[string, readonly Span[], boolean]>([
    ['while the broker was away', [{ from: 2_500, to: 9_000 }], false],
    ['as soon as the broker is back', [{ from: 2_500, to: 4_000 }], false],
    ['although the broker has been back for long', [{ from: 2_500, to: 2_650 }], true],
    ['although the broker was away long before', [{ from: 0, to: 2_600 }], true],
    [
      'although the broker was away twice for a moment',
      [1, 2].map((n) => ({ from: n * 2_700, to: n * 2_700 + 30 })),
      true,
    ],
  ])('told to go on long after a stop %s', (_name, brokerAway, isWrong) => {
    const seen = account(1, [{ device: 'd1', at: 0, beats: [{ at: 2_600, verdict: 'stop', reason: 'x' }, 4_700] }]);
    const found = checkAccount(seen, logOf(seen), { ...TIMES, brokerAway }).map(({ rule }) => rule);
    expect(found).toEqual(isWrong ? ['verdict-taken-back'] : []);
    expect(countUnheard([seen], brokerAway)).toBe(isWrong ? 0 : 1);
  });

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
    ['a stop with its reason', [{ verdict: 'STOP', reason: 'x' }], []],
    ['a stop without one', [{ verdict: 'STOP', reason: null }], ['verdict-without-reason']],
    ['a stop that is forgotten', [{ verdict: 'STOP', reason: 'x' }, null], ['verdict-taken-back']],
    [
      'a stop that becomes another',
      [
        { verdict: 'STOP', reason: 'x' },
        { verdict: 'CONTINUE', reason: null },
      ],
      ['verdict-taken-back'],
    ],
  ])('the log of verdicts: %s', (_name, logged, expected) => {
    const seen = account(1, [{ device: 'd1', at: 0 }]);
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
  expect(countUnchecked([seen], TIMES)).toEqual({ admitted: 2, overLimit: 1 });
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

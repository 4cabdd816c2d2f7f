import { describe, expect, test } from '@jest/globals';
import { checkAccount } from '../../src/checks/check-account.ts';
import { countUnheard } from '../../src/checks/check-verdicts.ts';
import type { Span } from '../../src/checks/holds.ts';
import type { AccountSeen } from '../../src/history.ts';
import { account, logOf, lost, refused, rules, TIMES } from './seen.ts';

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
});

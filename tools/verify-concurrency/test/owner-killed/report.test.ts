import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/clients/gateway-client.ts';
import { reportOf } from '../../src/owner-killed/report.ts';
import type { Probe } from '../../src/owner-killed/report.ts';

const answer = (status: number, body: object = {}): Answer => ({ status, body }) as unknown as Answer;
const decided = answer(201, { checked: true });
const undecided = answer(201, { checked: false });
const lookup = (staleBy?: number): Answer =>
  answer(200, { streams: [], ...(staleBy === undefined ? {} : { staleBy }) });
const probe = (atMs: number, tookMs: number, given: Answer, account = 'a'): Probe => {
  return { account, atMs, tookMs, answer: given };
};
const beats = [probe(-100, 5, answer(200)), probe(100, 5, answer(200))];

describe('what a killed guard leaves', () => {
  test('passes when beats are answered and decisions are correct again in time; the takeover is told from what piled up', () => {
    const starts = [
      probe(-10, 5, decided),
      probe(100, 2_000, undecided),
      probe(5_900, 2_000, undecided),
      probe(6_300, 50, decided),
      probe(50, 10, decided, 'of the other guard'),
      probe(3_000, 2_000, undecided, 'of the other guard'),
      probe(5_200, 10, decided, 'of the other guard'),
    ];
    const lookups = [probe(10, 5, lookup(3)), probe(20, 5, answer(503)), probe(6_400, 5, lookup())];
    const { lines, failures } = reportOf({ beats, starts, lookups }, 6_000);
    expect(failures).toEqual([]);
    expect(lines).toEqual([
      'beats since the kill: 1, 0 not answered with 200, slowest 5 ms',
      'starts since the kill: 6, decided 3, by the fail rule 3, slowest 2000 ms',
      'lookups since the kill: 3, fresh 1, stale and marked 1, 503 1',
      'kill → the other guard decides for an account of the one killed: 6350 ms',
      'kill → every lookup fresh again: 25 ms',
      'kill → every decision correct again: 7900 ms (session time-out 6000 ms, allowed 8000 ms)',
    ]);
  });

  test.each([
    ['a beat that was refused', { beats: [probe(1, 1, answer(503))] }, '1 beats were not answered with 200'],
    [
      'a status that nobody expects',
      { lookups: [probe(1, 1, answer(500))] },
      '1 starts and lookups were answered as nobody expects: 500',
    ],
    [
      'a decision that came too late',
      { starts: [probe(6_100, 2_000, undecided), probe(9_000, 5, decided)] },
      'decisions were correct again after 8100 ms, allowed 8000',
    ],
    ['nobody who took over', { starts: [probe(100, 2_000, undecided)] }, 'nobody took over'],
  ])('names %s', (_name, given, failure) => {
    expect(reportOf({ beats, starts: [], lookups: [], ...given }, 6_000).failures).toEqual([failure]);
  });
});

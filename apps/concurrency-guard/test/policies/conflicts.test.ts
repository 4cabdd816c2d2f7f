import { expect, test } from '@jest/globals';
import { MAX_CONFLICTS } from '@playhead/event-schemas';
import type { PolicyRule } from '@playhead/event-schemas';
import type { CountedStream } from '../../src/policies/counted-stream.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import type { Answer } from '../../src/policies/evaluate.ts';
import { keptName } from '../../src/policies/rule-count.ts';

const NOW = 1_000_000;
const UNKNOWN = {
  profile: null,
  plan: 'basic',
  deviceClass: 'UNKNOWN',
  deviceType: null,
  content: null,
  kind: 'LIVE',
  channel: null,
  rightsHolder: null,
  package: null,
  territory: null,
  location: null,
  home: null,
  adSupported: null,
  app: null,
} as const;

/** A stream that began `n` seconds after the first, and was last seen the longer ago the later it began. */
const stream = (n: number, device = `device-${n}`): CountedStream => ({
  session: `s-${String(n).padStart(4, '0')}`,
  attributes: { ...UNKNOWN, device },
  exempt: false,
  startedAt: n,
  lastSeenAt: NOW - n,
  leaseExpiresAt: NOW + 1000 + n,
  beats: 1,
  pausedSince: null,
});

/** A start beside the streams under one rule; of the devices `kept` the places are kept. */
function start(
  rule: PolicyRule | readonly PolicyRule[],
  others: readonly CountedStream[],
  more: { readonly end?: readonly string[]; readonly kept?: readonly string[] } = {},
): Answer {
  const { end = [], kept = [] } = more;
  const rules = [rule].flat();
  return evaluate({
    candidate: { ...stream(5000, 'new'), attributes: { ...UNKNOWN, device: 'new', home: true }, startedAt: NOW },
    others,
    policies: [{ policy: { policy: 'p', rules }, version: 1 }],
    allowances: { plan: 'basic', maxStreams: 2, tokenMaxStreams: null },
    kept: rules.flatMap((one) =>
      kept.map((value) => ({ rule: keptName('p', one), group: '', value, until: NOW + 9000 })),
    ),
    end,
    nowMs: NOW,
    isRunning: false,
    shadow: false,
    ownGraceUntil: 0,
    lastGraceUntil: () => 0,
  });
}

const streams = (count: number): CountedStream[] => Array.from({ length: count }, (_, n) => stream(n));
const names = ({ conflicts }: Answer): string[] => conflicts.map(({ session }) => session);

test('a refusal listed, and the guard stored, every one of a thousand streams', () => {
  const refused = start({ rule: 'r', max: 1000 }, streams(1000));
  expect(names(refused)).toEqual(streams(MAX_CONFLICTS).map(({ session }) => session));
});

test('of more streams than a refusal lists those are offered that were seen least recently, and ending one makes room', () => {
  const rule: PolicyRule = { rule: 'r', max: 1000, strategy: 'ask' };
  const others = streams(1000);
  const refused = start(rule, others);
  expect(refused.mayEnd).toBe(true);
  expect(names(refused)).toEqual(others.slice(-MAX_CONFLICTS).map(({ session }) => session));
  expect(start(rule, others, { end: names(refused).slice(0, 1) }).allowed).toBe(true);
});

test('as many streams as a refusal lists can be ended at once, more cannot: then nothing is offered', () => {
  const rule: PolicyRule = { rule: 'r', max: 2, strategy: 'ask' };
  const most = streams(MAX_CONFLICTS + 1);
  const refused = start(rule, most);
  expect(refused.mayEnd).toBe(true);
  expect(start(rule, most, { end: names(refused) }).allowed).toBe(true);
  const over = start(rule, streams(MAX_CONFLICTS + 2));
  expect([over.mayEnd, over.conflicts.length, over.freeAt]).toEqual([false, MAX_CONFLICTS, NOW + 1000 + MAX_CONFLICTS]);
});

test('the streams of a place are offered together, the places with the fewest first', () => {
  const rule: PolicyRule = { rule: 'r', max: 2, count: 'device', sameDevice: 'keep', strategy: 'ask' };
  const others = [...streams(MAX_CONFLICTS + 1).map(({ startedAt }) => stream(startedAt, 'wall')), stream(100, 'tv')];
  const refused = start(rule, others);
  expect([refused.mayEnd, names(refused)]).toEqual([true, ['s-0100']]);
  expect(start(rule, others, { end: names(refused) }).allowed).toBe(true);
});

test('a stream was offered to be ended although its value is kept, so that its end frees no place', () => {
  const rule: PolicyRule = { rule: 'r', max: 2, count: 'device', keepMs: 9000, strategy: 'ask' };
  const others = streams(2);
  const some = start(rule, others, { kept: ['device-0'] });
  expect([some.mayEnd, names(some)]).toEqual([true, ['s-0001']]);
  const none = start(rule, others, { kept: ['device-0', 'device-1'] });
  expect([none.mayEnd, names(none), none.freeAt]).toEqual([false, ['s-0000', 's-0001'], NOW + 9000]);
});

test('a viewer was let choose what to end where the limit is 0', () => {
  const refused = start({ rule: 'r', max: 0, strategy: 'ask' }, streams(1));
  expect([refused.mayEnd, refused.freeAt]).toEqual([false, undefined]);
});

test('a viewer was let choose under one rule although another one would refuse all the same', () => {
  const pool: PolicyRule = { rule: 'pool', max: 2, count: 'device', keepMs: 9000 };
  const both = start([{ rule: 'two', max: 2, strategy: 'ask' }, pool], streams(2), { kept: ['device-0', 'device-1'] });
  expect([both.refusedBy?.rule, both.mayEnd, both.freeAt]).toEqual(['two', false, NOW + 9000]);
});

test('of two rules that ask about different streams only the first one’s were offered, so that no retry was let in', () => {
  const rules: PolicyRule[] = [
    { rule: 'live', where: { kind: ['LIVE'] }, max: 1, strategy: 'ask' },
    { rule: 'home', where: { home: ['true'] }, max: 1, strategy: 'ask' },
  ];
  const others = [
    stream(1),
    { ...stream(2), attributes: { ...UNKNOWN, device: 'tv', kind: 'VOD', home: true } },
  ] as const;
  const refused = start(rules, others);
  expect([refused.mayEnd, names(refused)]).toEqual([true, ['s-0001', 's-0002']]);
  expect(start(rules, others, { end: names(refused) }).allowed).toBe(true);
});

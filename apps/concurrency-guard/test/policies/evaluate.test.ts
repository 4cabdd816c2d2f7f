import { describe, expect, test } from '@jest/globals';
import { POLICY_STRATEGIES } from '@playhead/event-schemas';
import type { PolicyRule, StreamAttributes } from '@playhead/event-schemas';
import fc from 'fast-check';
import { countedValue, groupOf, isCounted } from '../../src/policies/counted-stream.ts';
import type { CountedStream } from '../../src/policies/counted-stream.ts';
import { evaluate } from '../../src/policies/evaluate.ts';
import type { Question } from '../../src/policies/evaluate.ts';
import { keptBy } from '../../src/policies/rule-count.ts';

const NOW = 1_000_000;

const attributes = fc.record({
  profile: fc.constantFrom('ann', 'ben', null),
  plan: fc.constant('basic'),
  device: fc.constantFrom('tv', 'phone', 'tablet', 'laptop', null),
  deviceClass: fc.constantFrom('TV', 'MOBILE', 'UNKNOWN'),
  deviceType: fc.constant(null),
  content: fc.constantFrom('film-1', 'film-2'),
  kind: fc.constantFrom('LIVE', 'VOD'),
  channel: fc.constant(null),
  rightsHolder: fc.constantFrom('studio', null),
  package: fc.constant(null),
  territory: fc.constantFrom('DE', 'FR'),
  location: fc.constant(null),
  home: fc.constantFrom(true, false, null),
  adSupported: fc.constant(null),
  app: fc.constant(null),
}) as fc.Arbitrary<StreamAttributes>;

const stream = (session: fc.Arbitrary<string>): fc.Arbitrary<CountedStream> =>
  fc.record({
    session,
    attributes,
    exempt: fc.boolean(),
    startedAt: fc.integer({ min: NOW - 1000, max: NOW }),
    lastSeenAt: fc.integer({ min: NOW - 1000, max: NOW }),
    leaseExpiresAt: fc.integer({ min: NOW + 1, max: NOW + 1000 }),
    beats: fc.nat(3),
    pausedSince: fc.option(fc.integer({ min: NOW - 500, max: NOW })),
  });

const rule = (strategies: readonly (typeof POLICY_STRATEGIES)[number][]): fc.Arbitrary<PolicyRule> =>
  fc.record(
    {
      rule: fc.constant('r'),
      max: fc.nat(4),
      strategy: fc.constantFrom(...strategies),
      where: fc.constantFrom({}, { kind: ['LIVE'] }, { not: { territory: ['FR'] } }),
      count: fc.constantFrom('streams', 'device', 'profile'),
      per: fc.constantFrom(['kind'], ['rightsHolder', 'territory']),
      paused: fc.constantFrom('count', 'free', { freeAfterMs: 200 }),
      exempt: fc.constantFrom('free', 'count'),
      sameDevice: fc.constantFrom('replace', 'keep'),
      keepMs: fc.constant(1000),
    },
    { requiredKeys: ['rule', 'max'] },
  ) as fc.Arbitrary<PolicyRule>;

const question = (strategies: readonly (typeof POLICY_STRATEGIES)[number][]): fc.Arbitrary<Question> =>
  fc.record({
    candidate: stream(fc.constant('new')).map((one) => ({ ...one, startedAt: NOW, pausedSince: null })),
    others: fc.uniqueArray(stream(fc.integer({ min: 0, max: 20 }).map((n) => `s-${n}`)), {
      selector: ({ session }) => session,
      maxLength: 8,
    }),
    policies: fc
      .array(rule(strategies), { minLength: 1, maxLength: 3 })
      .map((rules) => rules.map((one, n) => ({ policy: { policy: `p-${n}`, rules: [one] }, version: 1 }))),
    allowances: fc.constant({ plan: 'basic', maxStreams: 2, tokenMaxStreams: null }),
    kept: fc.array(
      fc.record({
        rule: fc.constantFrom('p-0/r', 'p-1/r'),
        group: fc.constantFrom('', 'kind=LIVE'),
        value: fc.constantFrom('tv', 'phone', 'ann'),
        until: fc.integer({ min: NOW - 100, max: NOW + 1000 }),
      }),
      { maxLength: 4 },
    ),
    end: fc.subarray(['s-1', 's-2', 's-3']),
    nowMs: fc.constant(NOW),
    isRunning: fc.boolean(),
    shadow: fc.constant(false),
    ownGraceUntil: fc.constant(0),
    lastGraceUntil: fc.constant(() => 0),
  });

/** Places that are taken in the candidate's group of a rule by the streams that go on. */
function placesAfter({ candidate, others, policies, kept, nowMs }: Question, gone: ReadonlySet<string>): number[] {
  const going = [...others.filter(({ session }) => !gone.has(session)), candidate];
  return policies
    .flatMap(({ policy }) => policy.rules.map((one) => [policy.policy, one] as const))
    .filter(([, one]) => isCounted(one, candidate, nowMs))
    .map(([policy, one]) => {
      const group = going.filter(
        (each) => isCounted(one, each, nowMs) && groupOf(one, each) === groupOf(one, candidate),
      );
      const keeps = keptBy(policy, one, kept).filter(
        ({ group: name, until }) => name === groupOf(one, candidate) && until > nowMs,
      );
      const values = new Set([...group.map((each) => countedValue(one, each)), ...keeps.map(({ value }) => value)]);
      return values.size - Number(one.max);
    });
}

describe('whatever the policies', () => {
  test('an admitted stream leaves no rule about it with more than it allows', () => {
    fc.assert(
      fc.property(question([...POLICY_STRATEGIES]), (asked) => {
        const answer = evaluate(asked);
        fc.pre(answer.allowed);
        const gone = new Set([...answer.replaced, ...answer.ended.map(({ session }) => session)]);
        expect(placesAfter(asked, gone).filter((over) => over > 0)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('one that is refused ends nothing, and says who refused', () => {
    fc.assert(
      fc.property(question([...POLICY_STRATEGIES]), (asked) => {
        const answer = evaluate(asked);
        fc.pre(!answer.allowed);
        expect([answer.ended, answer.replaced]).toEqual([[], []]);
        expect(answer.reason === 'replaced' || answer.refusedBy !== undefined).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('no stream is ended that was in nobody’s way', () => {
    fc.assert(
      fc.property(question([...POLICY_STRATEGIES]), (asked) => {
        const answer = evaluate({ ...asked, end: [] });
        fc.pre(answer.allowed && answer.replaced.length === 0);
        for (const { session } of answer.ended) {
          const other = asked.others.find((one) => one.session === session) as CountedStream;
          const rules = asked.policies.flatMap(({ policy }) => policy.rules);
          expect(
            rules.some((one) => isCounted(one, other, NOW) && groupOf(one, other) === groupOf(one, asked.candidate)),
          ).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is offered makes room, whatever the rules that refuse', () => {
    fc.assert(
      fc.property(question(['ask', 'ask', 'block-new', 'end-oldest']), (several) => {
        const asked = { ...several, end: [] };
        const { mayEnd, conflicts } = evaluate(asked);
        fc.pre(mayEnd);
        expect(evaluate({ ...asked, end: conflicts.map(({ session }) => session) }).allowed).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('where rules that all ask offer nothing, the end of no stream would make room', () => {
    fc.assert(
      fc.property(question(['ask']), (several) => {
        const policies = several.policies.map(({ policy, version }) => {
          const rules = policy.rules.map((one) => ({ ...one, strategy: 'ask' as const }));
          return { policy: { ...policy, rules }, version };
        });
        const asked = { ...several, policies, end: [] };
        const { mayEnd, reason } = evaluate(asked);
        fc.pre(!mayEnd && reason === 'concurrency-limit');
        expect(evaluate({ ...asked, end: asked.others.map(({ session }) => session) }).allowed).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('the order in which the streams are listed does not matter', () => {
    fc.assert(
      fc.property(question([...POLICY_STRATEGIES]), (asked) => {
        const { conflicts, ...answer } = evaluate(asked);
        const { conflicts: again, ...turned } = evaluate({ ...asked, others: asked.others.toReversed() });
        expect(turned).toEqual(answer);
        expect(again).toEqual(conflicts);
      }),
      { numRuns: 1000 },
    );
  });

  test('a start that blocking rules refuse is refused until enough leases are over, and no longer', () => {
    fc.assert(
      fc.property(question(['block-new', 'ask']), (asked) => {
        const answer = evaluate({ ...asked, end: [] });
        const { freeAt } = answer;
        fc.pre(answer.reason === 'concurrency-limit' && freeAt !== undefined);
        // Nobody renews; pauses do not change meanwhile.
        const at = (nowMs: number) =>
          evaluate({
            ...asked,
            end: [],
            others: asked.others.filter(({ leaseExpiresAt }) => leaseExpiresAt > nowMs),
            kept: asked.kept.filter(({ until }) => until > nowMs),
          }).reason;
        expect([at(freeAt - 1), at(freeAt)]).toEqual(['concurrency-limit', undefined]);
      }),
      { numRuns: 1000 },
    );
  });
});

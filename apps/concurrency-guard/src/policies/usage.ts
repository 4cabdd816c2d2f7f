import type { PolicyLimit } from '@playhead/event-schemas';
import type { KeptValue } from '../stored-account.ts';
import { decisiveRules } from './active-policy.ts';
import type { ActivePolicy } from './active-policy.ts';
import { isAbout } from './counted-stream.ts';
import type { CountedStream } from './counted-stream.ts';
import type { RuleOutcome } from './evaluate.ts';
import { keptBy, limitOf, placesByGroup } from './rule-count.ts';
import type { Allowances } from './rule-count.ts';

/** What an account uses of a rule. */
export interface UsageLine extends Omit<RuleOutcome, 'max'> {
  /** Null: the token of each viewer says it. */
  readonly max: number | null;
}

/** An account as its usage is asked about. */
export interface UsageOf {
  readonly allowances: Allowances;
  readonly kept: readonly KeptValue[];
  readonly nowMs: number;
  /** The tenant is in SHADOW: rules only count. */
  readonly shadow: boolean;
}

/** What an account uses of every rule, a line for each group that has streams; `allowed`: one more would fit. */
export function usageOf(
  policies: readonly ActivePolicy[],
  streams: readonly CountedStream[],
  account: UsageOf,
): readonly UsageLine[] {
  return policies.flatMap(({ policy, version }) =>
    policy.rules.flatMap((rule) => {
      const max = limitOf(rule.max, account.allowances) ?? (isByToken(rule.max) ? null : undefined);
      if (max === undefined) return [];
      const kept = keptBy(policy.policy, rule, account.kept);
      const groups = placesByGroup(rule, streams, kept, account.nowMs);
      if (groups.size === 0 && rule.per === undefined) groups.set('', []);
      return [...groups].map(([group, places]) => ({
        policy: policy.policy,
        version,
        rule: rule.rule,
        allowed: max === null || places.length < max,
        shadow: account.shadow || policy.mode === 'shadow',
        strategy: rule.strategy ?? 'block-new',
        group,
        current: places.length,
        max,
      }));
    }),
  );
}

/** How many of streams that live hold a slot: exempt content holds none, unless a rule that is enforced counts it. */
export function slotsHeld(streams: readonly CountedStream[], policies: readonly ActivePolicy[]): number {
  const exempt = streams.filter((stream) => stream.exempt);
  if (exempt.length === 0) return streams.length;
  const rules = decisiveRules(policies);
  const free = exempt.filter((stream) => !rules.some((rule) => isAbout(rule, stream)));
  return streams.length - free.length;
}

const isByToken = (max: PolicyLimit): boolean => typeof max === 'object' && 'from' in max && max.from === 'token';

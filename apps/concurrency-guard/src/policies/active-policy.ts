import type { Policy, PolicyRule } from '@playhead/event-schemas';

/** A policy in force, with the version that a decision names. */
export interface ActivePolicy {
  readonly policy: Policy;
  readonly version: number;
}

/** The rules of the policies that are enforced: one in shadow has no stream judged, because others might refuse it then. */
export function decisiveRules(policies: readonly ActivePolicy[]): readonly PolicyRule[] {
  return policies.filter(({ policy }) => policy.mode !== 'shadow').flatMap(({ policy }) => policy.rules);
}

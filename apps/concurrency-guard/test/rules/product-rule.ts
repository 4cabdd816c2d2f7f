import type { Policy } from '@playhead/event-schemas';

/** A rule that a product has, or a modifier, as policies of ours, and what comes of it (see `../scenario.ts`). */
export interface ProductRule {
  /** Whose rule it is, or the section of the list of modifiers. */
  readonly product: string;
  readonly rule: string;
  readonly policies: readonly Policy[];
  readonly scenario: string;
}

/** A policy of some rules. */
export const policy = (rules: Policy['rules'], rest: Partial<Omit<Policy, 'rules'>> = {}): Policy => ({
  policy: 'p',
  rules,
  ...rest,
});

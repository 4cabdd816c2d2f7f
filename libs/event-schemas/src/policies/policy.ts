import type { StreamAttribute, StreamCondition } from './stream-attributes.ts';

/**
 * A concurrency policy of a tenant, as it is written, stored and shown. A start is asked about every rule of every
 * policy of its tenant; all must allow. A tenant without a policy has the limit of the account's entitlement.
 */
export interface Policy {
  /** Its id within the tenant: `[a-z0-9-]{1,64}`. */
  readonly policy: string;
  /** For people. */
  readonly description?: string;
  /** `shadow` is evaluated, counted and decides nothing; `off` is kept and not asked. Default enforce. */
  readonly mode?: 'enforce' | 'shadow' | 'off';
  /** What holds for a start it is about while nobody decides in time. Default: the tenant's fail rule. */
  readonly onUnavailable?: 'allow' | 'deny';
  /** 1 to 20; all must allow. */
  readonly rules: readonly PolicyRule[];
}

/** One limit: how many of what, of which streams, and what happens at the limit. */
export interface PolicyRule {
  /** Its id within the policy: `[a-z0-9-]{1,64}`. */
  readonly rule: string;
  /** The starts it is asked about, and the streams that it counts. Absent: all. */
  readonly where?: StreamCondition;
  /** What is counted: streams, or the distinct values of an attribute. Default streams. */
  readonly count?: 'streams' | StreamAttribute;
  /** Counts apart for each combination of values of these. Default: together for the account. */
  readonly per?: readonly StreamAttribute[];
  readonly max: PolicyLimit;
  /** What happens to a start over the limit. Default block-new. */
  readonly strategy?: PolicyStrategy;
  /** `replace` (default): a start ends older streams of its device. `keep`: streams of one device stay beside each other. */
  readonly sameDevice?: 'replace' | 'keep';
  /** What a paused stream is: one that counts (default), one that does not, or one that does not after it was paused so long (ms). */
  readonly paused?: 'count' | 'free' | { readonly freeAfterMs: number };
  /** A stream is not counted and not refused before it has lived so long or beaten so often, whichever is first, so that zapping costs nothing; then it is judged. A beat that does not come counts after 60 s. */
  readonly warmUp?: { readonly ms?: number; readonly beats?: number };
  /** So many streams over the limit go on for a while, from their start or the end of their warm-up, and are warned; then they are judged. */
  readonly grace?: { readonly streams: number; readonly forMs: number };
  /** Only with `count` of an attribute: a value also counts for so long after its last start (ms, at most 30 days); one that a grace let in, only when that has ended well. */
  readonly keepMs?: number;
  /** What a start is that lacks an attribute of `per` or `count`: refused (`missing-attribute`), not asked, or counted with others that lack it. Default count. */
  readonly missing?: 'refuse' | 'skip' | 'count';
  /** Exempt content (`exempt` at its start) holds no slot. `count`: for this rule it does. */
  readonly exempt?: 'free' | 'count';
}

/** A number; or what the entitlement, the viewer's token or the plan says, and `otherwise` where it says nothing. */
export type PolicyLimit =
  | number
  | { readonly from: 'entitlement' | 'token'; readonly otherwise?: number }
  | { readonly plans: Readonly<Record<string, number>>; readonly otherwise?: number };

/** block-new: refuse. ask: refuse and let the viewer choose which to end. The others end as many as needed: the oldest, the one least recently seen, a paused one first. */
export type PolicyStrategy = (typeof POLICY_STRATEGIES)[number];

/** Every strategy. */
export const POLICY_STRATEGIES = ['block-new', 'ask', 'end-oldest', 'end-least-recent', 'end-paused-first'] as const;

/** Most policies that a tenant may have; a gateway refuses further ones. */
export const MAX_POLICIES_PER_TENANT = 50;
/** Most rules of a policy. */
export const MAX_RULES_PER_POLICY = 20;

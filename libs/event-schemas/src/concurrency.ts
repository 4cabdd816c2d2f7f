import type {
  AccountEntitlementView,
  AccountHistory,
  AccountStreams,
  AccountUsage,
  AdmissionDecision,
  Explanation,
  FoundSession,
  SessionView,
  StoredPolicy,
} from './concurrency-views.ts';
import type { StreamAttributes } from './policies/stream-attributes.ts';

/** Names an account of a tenant. */
export interface AccountRef {
  readonly tenant: string;
  readonly account: string;
}

/** The offset a record got, as the bound of a question: answer only after it has been processed. −1: before the first one. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What a dry run is about: the attributes of a start, `plan` left to the entitlement. */
export interface TrialStart extends Partial<Omit<StreamAttributes, 'plan'>> {
  readonly exempt?: boolean;
  /** Plays from the device's own storage: nothing is asked. */
  readonly downloaded?: boolean;
  readonly tokenMaxStreams?: number;
  /** Sessions that would be ended. */
  readonly end?: readonly string[];
}

/** What an operator looks for; all that is given has to be equal. */
export interface SessionFilter {
  readonly account?: string;
  readonly session?: string;
  readonly device?: string;
  readonly content?: string;
  readonly state?: 'active' | 'ended';
}

/** A page of what an operator looked for. */
export interface FoundSessions {
  readonly sessions: readonly FoundSession[];
  /** Asks on from here; absent at the end. */
  readonly next?: string;
  /** A copy answered, behind by so many records: of the page, since a session that is missing says nothing. */
  readonly staleBy?: number;
}

/** Most streams at once of an account, whatever its entitlement and rules say. */
export const MAX_STREAMS = 1000;
/** Most sessions of one batch lookup. */
export const MAX_SESSIONS_PER_LOOKUP = 1000;
/** Most streams in the way that a refusal lists, and so most that a start may name to be ended. */
export const MAX_CONFLICTS = 50;
/** Most entries of one answer of `history` and `find`. */
export const MAX_ENTRIES_PER_PAGE = 200;
/** Longest time, in milliseconds, that a question may ask to wait. */
export const MAX_QUESTION_MS = 60_000;

/**
 * What the gateway asks the concurrency guard: directly in one process, else over the guard's `/internal/v1`.
 * Every method rejects when no owner answered within `timeoutMs`. Lookups (not `decide`) may be answered by a standby
 * while an owner is away and then say `staleBy`.
 */
export interface ConcurrencyGuard {
  /** The decision on a start that stands in the log at `position`; resolves after Kafka has acknowledged the decision. */
  decide(
    request: AccountRef & { session: string; position: LogPosition; timeoutMs: number },
  ): Promise<AdmissionDecision>;
  /** What a start would be answered now; nothing is written. */
  dryRun(request: AccountRef & { start: TrialStart; timeoutMs: number }): Promise<Explanation>;
  /** The decision on a session's start with every rule that was asked; undefined: never seen or forgotten. */
  explain(request: AccountRef & { session: string; timeoutMs: number }): Promise<Explanation | undefined>;
  /**
   * Undefined: never seen or forgotten. With a position only the owner answers, after it has processed the log up to there:
   * without one, what stands in the log already may not have been processed yet.
   */
  session(
    request: AccountRef & { session: string; timeoutMs: number; position?: LogPosition },
  ): Promise<SessionView | undefined>;
  /** Up to 1,000 sessions of any accounts of the tenant, in the order asked; null: never seen or forgotten. */
  sessions(request: {
    tenant: string;
    sessions: readonly { account: string; session: string }[];
    timeoutMs: number;
  }): Promise<readonly (SessionView | null)[]>;
  /** The account's live streams, oldest first. */
  streams(request: AccountRef & { timeoutMs: number }): Promise<AccountStreams>;
  /** What the account uses of each rule. */
  usage(request: AccountRef & { timeoutMs: number }): Promise<AccountUsage>;
  /** What was decided on the sessions that are remembered (until their last ticket expires), newest first, at most 200. */
  history(request: AccountRef & { limit?: number; timeoutMs: number }): Promise<AccountHistory>;
  /** An operator's search among the tenant's sessions; each page looks at a bounded number and may be empty but for `next`. */
  find(request: {
    tenant: string;
    filter: SessionFilter;
    limit?: number;
    after?: string;
    timeoutMs: number;
  }): Promise<FoundSessions>;
  /** What the account may watch at once, by its own entitlement or by the default plan. Its owner answers. */
  entitlement(request: AccountRef & { timeoutMs: number }): Promise<AccountEntitlementView>;
  /** Resolves when the account's owner has applied the entitlement, or the tombstone, at `position`. */
  entitlementApplied(request: AccountRef & { position: LogPosition; timeoutMs: number }): Promise<void>;
  /**
   * Resolves when the instance that is asked decides by this version of the policy, or a later one; null: by none. With the
   * position of the change's record as soon as that was read, also when another change has overtaken it. Others follow
   * within moments.
   */
  policyApplied(request: {
    tenant: string;
    policy: string;
    version: number | null;
    position?: LogPosition;
    timeoutMs: number;
  }): Promise<void>;
  /** The tenant's policies by their ids. */
  policies(request: { tenant: string; timeoutMs: number }): Promise<Readonly<Record<string, StoredPolicy>>>;
}

/**
 * Where the guard answers the same questions over HTTP, below `/internal/v1` of its admin port: POST with the request as
 * JSON and a service token (whose claims `tenant` and `account`, if it has them, have to be those of the request).
 * The answer is `{ answer }`, null for undefined; 204 for what resolves with nothing. 503 when no owner answered in time.
 */
export const GUARD_ROUTES = {
  decide: '/guard/decide',
  dryRun: '/guard/dry-run',
  explain: '/guard/explain',
  session: '/guard/session',
  sessions: '/guard/sessions',
  streams: '/guard/streams',
  usage: '/guard/usage',
  history: '/guard/history',
  find: '/guard/find',
  entitlement: '/guard/entitlement',
  entitlementApplied: '/guard/entitlement-applied',
  policyApplied: '/guard/policy-applied',
  policies: '/guard/policies',
} as const satisfies Record<keyof ConcurrencyGuard, string>;

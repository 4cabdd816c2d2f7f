/** What the concurrency guard answers about one playback session; `GET /v1/playback-sessions/{id}` shows it as it is. */
export interface SessionView {
  readonly sessionId: string;
  readonly state: 'active' | 'ended';
  readonly endReason?: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Greatest sequence of a native beat, −1 before the first one. */
  readonly lastSequence: number;
  /** Distinct beats counted. */
  readonly beats: number;
  /** Distinct events counted. */
  readonly events: number;
  readonly startedAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** A session in the list of an account's streams. */
export interface StreamView extends SessionView {
  readonly device: string;
  readonly content: string;
  readonly kind: 'LIVE' | 'VOD' | 'CATCHUP' | 'UNKNOWN';
}

export type Verdict = 'continue' | 'warn' | 'stop';

/** A stream that holds a slot which a refused start wanted. */
export interface Conflict {
  readonly sessionId: string;
  readonly device: string;
  readonly content: string;
  readonly startedAt: number;
  readonly lastSeenAt: number;
}

export interface AdmissionDecision {
  readonly decision: 'allow' | 'deny';
  readonly reason?: string;
  readonly usage: { readonly current: number; readonly max: number };
  readonly conflicts: readonly Conflict[];
  /** On deny: until the earliest lease ends. */
  readonly retryAfterMs?: number;
}

/** Names an account of a tenant. */
export interface AccountRef {
  readonly tenant: string;
  readonly account: string;
}

/** The offset a record got, as the bound of a question: answer only after it has been processed. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * What the gateway asks the concurrency guard: directly in one process, else over the guard's `/internal/v1`.
 * Every method rejects when no owner answered within `timeoutMs`.
 */
export interface ConcurrencyGuard {
  /** The decision on a start that stands in the log at `position`; resolves after Kafka has acknowledged the decision. */
  decide(
    request: AccountRef & { session: string; position: LogPosition; timeoutMs: number },
  ): Promise<AdmissionDecision>;
  /** Undefined: never seen or forgotten. */
  session(request: AccountRef & { session: string; timeoutMs: number }): Promise<SessionView | undefined>;
  /** The account's live streams, oldest first. */
  streams(request: AccountRef & { timeoutMs: number }): Promise<readonly StreamView[]>;
  /** Resolves when the account's owner has applied the entitlement at `position`. */
  entitlementApplied(request: AccountRef & { position: LogPosition; timeoutMs: number }): Promise<void>;
}

/**
 * Where the guard answers the same questions over HTTP, below `/internal/v1` of its admin port: POST with the request as
 * JSON and a service token (whose claims `tenant` and `account`, if it has them, have to be those of the request).
 * Answers: `decide` the decision; `session` `{ session }`, null for undefined; `streams` `{ streams }`;
 * `entitlementApplied` 204. 503 when no owner answered in time.
 */
export const GUARD_ROUTES = {
  decide: '/guard/decide',
  session: '/guard/session',
  streams: '/guard/streams',
  entitlementApplied: '/guard/entitlement-applied',
} as const;

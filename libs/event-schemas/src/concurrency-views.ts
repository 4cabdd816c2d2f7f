import type { ContentKind, DeviceClass, EvidenceKind } from './events/playback-heartbeat.ts';
import type { DecisionType } from './events/playback-decision.ts';
import type { PolicyStrategy } from './policies/policy.ts';

/** May the stream go on. stop is final. */
export type Verdict = 'continue' | 'warn' | 'stop';

/** What keeps a stream, and until when that alone would. */
export interface StreamEvidence {
  /** NATIVE and CMCD are its player. */
  readonly source: 'NATIVE' | 'CMCD' | EvidenceKind;
  readonly expiresAt: number;
}

/** What the concurrency guard answers about one playback session; `GET /v1/playback-sessions/{id}` shows it as it is. */
export interface SessionView {
  readonly sessionId: string;
  readonly state: 'active' | 'ended';
  /** no-lease: it never held one, as a download, or where all that came of it came late. */
  readonly endReason?: string;
  /** The role of the one who ended it (viewer, operator, service), or the session for whose start it ended (replaced, newer-stream). */
  readonly endedBy?: string;
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
  /** high: its player has reported, or a licence renewal speaks for it; low: only its start, or what a back end has seen. */
  readonly confidence?: 'high' | 'low';
  /** What speaks for it now, the longest first. */
  readonly evidence?: readonly StreamEvidence[];
  /** The gateway admitted it by the fail rule. */
  readonly admittedUnchecked?: true;
  /** It plays from the device's own storage and holds no slot: `state` says ended all the while. */
  readonly downloaded?: true;
  /** The answer comes from a copy that may be behind (a standby while the owner is away), by so many records. */
  readonly staleBy?: number;
}

/** A session in the list of an account's streams. */
export interface StreamView extends SessionView {
  readonly device: string;
  readonly deviceClass?: DeviceClass;
  readonly profile?: string;
  readonly content: string;
  readonly title?: string;
  readonly kind: ContentKind;
  readonly paused?: true;
}

/** An account's live streams, oldest first. */
export interface AccountStreams {
  readonly streams: readonly StreamView[];
  /** As on each stream; also of a list that is empty. */
  readonly staleBy?: number;
}

/** A session found by an operator. */
export interface FoundSession extends StreamView {
  readonly account: string;
}

/** A stream that holds a slot which a refused start wanted. */
export interface Conflict {
  readonly sessionId: string;
  readonly device: string;
  readonly deviceClass?: DeviceClass;
  readonly content: string;
  readonly title?: string;
  readonly profile?: string;
  readonly paused?: true;
  readonly startedAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt?: number;
}

/** What one rule of one policy said. */
export interface RuleEvaluation {
  readonly policy: string;
  readonly version: number;
  readonly rule: string;
  readonly outcome: 'allow' | 'deny';
  /** It only counts: its outcome decided nothing. */
  readonly shadow: boolean;
  readonly strategy: PolicyStrategy;
  /** Values that it counted apart, such as `deviceClass=TV`. */
  readonly group?: string;
  /** What it counted, the candidate included. */
  readonly current: number;
  /** Null, in what an account uses: the token of each viewer says it. */
  readonly max: number | null;
}

/** The decision on a start. */
export interface AdmissionDecision {
  readonly decision: 'allow' | 'deny';
  /** On deny: concurrency-limit, missing-attribute, replaced, session-ended, system-limit. On allow within a grace: grace. */
  readonly reason?: string;
  /** Of the rule that refused, else of the one with the fewest left; `max` is null where nothing limits, as for exempt content. */
  readonly usage: { readonly current: number; readonly max: number | null };
  /** At most `MAX_CONFLICTS`, oldest first; with `mayEnd` only those whose end makes room. */
  readonly conflicts: readonly Conflict[];
  /** On deny: until enough leases end. */
  readonly retryAfterMs?: number;
  /** On deny: who refused. */
  readonly policy?: string;
  readonly rule?: string;
  /** On deny: the viewer may end some of `conflicts` (strategy ask), so each gets a termination token. */
  readonly mayEnd?: true;
  /** Sessions that this start ended. */
  readonly ended?: readonly string[];
  /** On allow over a limit: when it is judged again. */
  readonly graceUntil?: number;
}

/** What a start would be answered, or was, with every rule that was asked. */
export interface Explanation extends AdmissionDecision {
  readonly plan: string;
  readonly rules: readonly RuleEvaluation[];
  /** False: admitted without asking. */
  readonly checked: boolean;
  /** Log time of the decision; for a dry run, of the question. */
  readonly decidedAt: number;
  readonly staleBy?: number;
}

/** What an account uses of each rule that its streams are counted by; `current` without a candidate. */
export interface AccountUsage {
  readonly plan: string;
  /** Those that hold a slot: exempt content holds none, unless a rule counts it. */
  readonly streams: number;
  readonly rules: readonly RuleEvaluation[];
  readonly staleBy?: number;
}

/** What an account may watch at once. */
export interface AccountEntitlementView {
  readonly plan: string;
  readonly maxStreams: number;
  /** False: the account has no entitlement of its own, this is the default plan. */
  readonly isOwn: boolean;
  /** When it was set; absent of one that an earlier version of the guard stored. */
  readonly updatedAt?: number;
  /** Role of the one who set it. */
  readonly updatedBy?: string;
}

/** What was decided on an account's sessions, newest first. */
export interface AccountHistory {
  readonly entries: readonly HistoryEntry[];
  readonly staleBy?: number;
}

/** Something that was decided on an account's sessions, with why. */
export interface HistoryEntry {
  readonly at: number;
  readonly type: DecisionType | 'END';
  readonly sessionId: string;
  readonly device: string;
  readonly content: string;
  readonly kind: ContentKind;
  readonly decision?: 'allow' | 'deny';
  /** For END: why it is over. */
  readonly reason?: string;
  readonly endedBy?: string;
  readonly checked: boolean;
  readonly current?: number;
  readonly max?: number;
  readonly policy?: string;
  readonly rule?: string;
  readonly rules: readonly RuleEvaluation[];
}

/** A policy with what the guard knows of it. */
export interface StoredPolicy {
  readonly version: number;
  readonly updatedAt: number;
  readonly updatedBy?: string;
  /** As it was written. */
  readonly document: unknown;
}

import { readSchema } from '../schema/read-schema.ts';
import { recordFactory } from '../schema/record-factory.ts';
import type { Fillable } from '../schema/record-factory.ts';

/** ADMISSION answers a start, IMPLICIT_ADMISSION a sign of life of a session without a live lease, TERMINATION ends a session from elsewhere, CHECK judges a stream that runs: after its warm-up, its grace or a pause, or when it was admitted unchecked. */
export type DecisionType = 'UNKNOWN' | 'ADMISSION' | 'IMPLICIT_ADMISSION' | 'TERMINATION' | 'CHECK';
/** What is watched: a channel now, a title on demand, or a past programme of a channel. */
export type ContentKind = 'UNKNOWN' | 'LIVE' | 'VOD' | 'CATCHUP';
/** ALLOW or DENY. */
export type DecisionOutcome = 'UNKNOWN' | 'ALLOW' | 'DENY';
/** A stream that held a slot which a refused start wanted. */
export interface DecisionConflict {
  /** Session. */
  readonly session: string;
  /** Device. */
  readonly device: string | null;
  /** Content. */
  readonly content: string | null;
  /** Start of the session, milliseconds UTC. */
  readonly startedAt: number;
  /** Last sign of life, milliseconds UTC. */
  readonly lastSeenAt: number;
}

/** One rule of a policy that was asked. */
export interface PolicyEvaluation {
  /** Policy. */
  readonly policy: string;
  /** Version of the policy. */
  readonly version: number;
  /** What it said. */
  readonly outcome: DecisionOutcome;
  /** Streams that it counted. */
  readonly current: number | null;
  /** Streams that it allows. */
  readonly max: number | null;
  /** Rule of the policy. */
  readonly rule: string | null;
  /** True when it only counts: its outcome decided nothing. */
  readonly shadow: boolean;
  /** What the rule does at its limit, such as block-new. */
  readonly strategy: string | null;
  /** Values that it counted apart, as attribute=value, where it does. */
  readonly group: string | null;
}

/** Every admission and every termination, with why. Topic playback.decisions, keyed tenant/account. */
export interface PlaybackDecision {
  /** Event id of the record that was decided on. */
  readonly eventId: string;
  /** Version of the meaning of these fields; raised when a field is to be read differently. */
  readonly schemaVersion: number;
  /** What was decided on. */
  readonly type: DecisionType;
  /** Tenant. */
  readonly tenant: string;
  /** Account. */
  readonly account: string;
  /** Session that was decided on. */
  readonly session: string;
  /** Profile of the session. */
  readonly profile: string | null;
  /** Device of the session. */
  readonly device: string | null;
  /** Content of the session. */
  readonly content: string | null;
  /** Kind of the content. */
  readonly kind: ContentKind;
  /** Received time of the record that was decided on, milliseconds UTC. */
  readonly receivedTime: number;
  /** Time of the decision in the log: the greatest received time seen in the partition, milliseconds UTC. */
  readonly decidedTime: number;
  /** What was decided. */
  readonly decision: DecisionOutcome;
  /** Why, as a code such as concurrency-limit. */
  readonly reason: string | null;
  /** False when admitted without asking, because the owner of the account could not be reached. */
  readonly checked: boolean;
  /** Plan of the account that was in force. */
  readonly plan: string | null;
  /** Streams that held a slot, the decided one included if allowed. */
  readonly current: number | null;
  /** Streams allowed; null where nothing limits, as for exempt content. */
  readonly max: number | null;
  /** On DENY: until the earliest lease ends. */
  readonly retryAfterMs: number | null;
  /** Streams that held the slots, at most 50, oldest first; where the viewer may choose, those whose end makes room. */
  readonly conflicts: readonly DecisionConflict[];
  /** Sessions that ended because the same device started anew. */
  readonly replaced: readonly string[];
  /** Policies that were asked; all must allow. */
  readonly policies: readonly PolicyEvaluation[];
  /** TERMINATION: role of the one who ended it. */
  readonly endedBy: string | null;
  /** On DENY: policy that refused. */
  readonly policy: string | null;
  /** On DENY: rule of that policy. */
  readonly rule: string | null;
  /** Sessions that a rule or the viewer's choice ended to make room. */
  readonly ended: readonly string[];
  /** On ALLOW over a limit: end of the grace, when it is judged again. */
  readonly graceUntil: number | null;
  /** True when the gateway had admitted it by the fail rule: a DENY then says that it exceeded a limit in hindsight. */
  readonly admittedUnchecked: boolean;
}

/** The fields of a PlaybackDecision that a writer has to give; the others have a default. */
export type NewPlaybackDecision = Fillable<
  PlaybackDecision,
  'eventId' | 'type' | 'tenant' | 'account' | 'session' | 'receivedTime' | 'decidedTime' | 'decision'
>;

/** The Avro schema of PlaybackDecision, as it is registered. */
export const PLAYBACK_DECISION_SCHEMA: string = readSchema('playback-decision.avsc');

/** Completes a PlaybackDecision with the defaults of its schema. */
export const newPlaybackDecision: (fields: NewPlaybackDecision) => PlaybackDecision =
  recordFactory(PLAYBACK_DECISION_SCHEMA);

import { readFileSync } from 'node:fs';

/** What is watched. */
export type ContentKind = 'UNKNOWN' | 'LIVE' | 'VOD' | 'CATCHUP';
/** OPEN: it has a lease or had one. LAPSED: its lease is over and that was announced; a sign of life opens it. FINISHED: its player said so; a later line with another state opens it. STOPPED: its own stop; nothing opens it. BARRED: the verdict is stop; nothing opens it. */
export type SessionPhase = 'UNKNOWN' | 'OPEN' | 'LAPSED' | 'FINISHED' | 'STOPPED' | 'BARRED';
/** A stream in the way. */
export interface StoredConflict {
  /** Session. */
  readonly session: string;
  /** Device. */
  readonly device: string | null;
  /** Content. */
  readonly content: string | null;
  /** Start, log time. */
  readonly startedAt: number;
  /** Last sign of life. */
  readonly lastSeenAt: number;
}

/** A decision as it was made; processed again, its record gets the same one. */
export interface StoredDecision {
  /** Event id of the record that was decided on. */
  readonly eventId: string;
  /** Received time of that record. */
  readonly receivedTime: number;
  /** Log time of the decision. */
  readonly decidedTime: number;
  /** True when a slot was given. */
  readonly allowed: boolean;
  /** Why not. */
  readonly reason: string | null;
  /** False when it was late: history, on which nothing was asked. */
  readonly checked: boolean;
  /** Plan that was in force. */
  readonly plan: string | null;
  /** Streams that held a slot afterwards. */
  readonly current: number;
  /** Streams allowed. */
  readonly max: number;
  /** Until the earliest lease in the way ends. */
  readonly retryAfterMs: number | null;
  /** Streams in the way, oldest first. */
  readonly conflicts: readonly StoredConflict[];
  /** Sessions of the same device that it ended. */
  readonly replaced: readonly string[];
}

/** What the guard knows of a playback session. Store sessions, keyed tenant/account/session. */
export interface SessionState {
  /** Tenant. */
  readonly tenant: string;
  /** Account. */
  readonly account: string;
  /** Session. */
  readonly session: string;
  /** Profile. */
  readonly profile: string | null;
  /** Device. */
  readonly device: string | null;
  /** Content. */
  readonly content: string | null;
  /** Kind of the content. */
  readonly kind: ContentKind;
  /** Log time at which it was first seen, milliseconds UTC. */
  readonly startedAt: number;
  /** Greatest received time of a report that was not late. */
  readonly lastSeenAt: number;
  /** End of its lease in log time; 0 before the first. */
  readonly leaseExpiresAt: number;
  /** End of its last ticket: it is forgotten after that. */
  readonly ticketExpiresAt: number;
  /** Where it is in its life. */
  readonly phase: SessionPhase;
  /** Why it is not open. */
  readonly endReason: string | null;
  /** Role of the one, or session, that ended it. */
  readonly endedBy: string | null;
  /** Event id of the record that made the verdict stop. */
  readonly barredBy: string | null;
  /** Log time of that. */
  readonly barredAt: number | null;
  /** Distinct beats. */
  readonly beats: number;
  /** Distinct events. */
  readonly events: number;
  /** Native beats that were counted, as ranges. */
  readonly beatSequences: readonly number[];
  /** Native events that were counted, as ranges. */
  readonly eventSequences: readonly number[];
  /** Hashes of the latest reports without a sequence. */
  readonly recentEvidence: readonly number[];
  /** Greatest ts of a CMCD line with a state that is not final. */
  readonly cmcdTs: number | null;
  /** Greatest ts of a CMCD line with a final state. */
  readonly cmcdFinalTs: number | null;
  /** The decision on its start. */
  readonly start: StoredDecision | null;
  /** The latest decision on a sign of life without a live lease. */
  readonly reopening: StoredDecision | null;
}

/** The Avro schema of the values of the store `sessions`. */
export const SESSION_STATE_SCHEMA: string = readFileSync(
  new URL('../avro/session-state.avsc', import.meta.url),
  'utf8',
);

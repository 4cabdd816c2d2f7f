import { readFileSync } from 'node:fs';

/** What is watched. */
export type ContentKind = 'UNKNOWN' | 'LIVE' | 'VOD' | 'CATCHUP';
/** The class of device. */
export type DeviceClass = 'UNKNOWN' | 'MOBILE' | 'TABLET' | 'DESKTOP' | 'TV' | 'SET_TOP_BOX' | 'CONSOLE';
/** What else policies and people read of a stream. */
export interface StreamFacts {
  /** Title to show. */
  readonly title: string | null;
  /** Model or platform of the device. */
  readonly deviceType: string | null;
  /** Channel. */
  readonly channel: string | null;
  /** Rights holder. */
  readonly rightsHolder: string | null;
  /** Package of contents. */
  readonly package: string | null;
  /** Territory. */
  readonly territory: string | null;
  /** The tenant's id of the place. */
  readonly location: string | null;
  /** At the account's home. */
  readonly home: boolean | null;
  /** Paid by advertising. */
  readonly adSupported: boolean | null;
  /** Application. */
  readonly app: string | null;
  /** Holds no slot. */
  readonly exempt: boolean;
  /** Plays from the device's own storage: holds no slot, and nothing is asked on it. */
  readonly downloaded: boolean;
}

/** Who speaks for it. */
export type LeaseSource =
  | 'UNKNOWN'
  | 'NATIVE'
  | 'CMCD'
  | 'PLAYBACK_URL'
  | 'LICENCE'
  | 'LICENCE_RENEWAL'
  | 'MANIFEST'
  | 'CONTENT_KEY'
  | 'SEGMENT';
/** How long one source speaks for the stream. */
export interface SourceLease {
  /** Source. */
  readonly source: LeaseSource;
  /** End, log time. */
  readonly expiresAt: number;
}

/** OPEN: it has a lease or had one. LAPSED: its lease is over and that was announced; a sign of life opens it. FINISHED: its player said so; a later line with another state opens it. STOPPED: its own stop; nothing opens it. BARRED: the verdict is stop; nothing opens it. */
export type SessionPhase = 'UNKNOWN' | 'OPEN' | 'LAPSED' | 'FINISHED' | 'STOPPED' | 'BARRED';
/** What tells two players on one session apart. */
export interface PlayerTrace {
  /** Playhead of the newest native beat. */
  readonly positionMs: number | null;
  /** Time of the newest native beat by its player's clock. */
  readonly clientTime: number | null;
  /** Hash of the CMCD sid that reported last. */
  readonly sid: number | null;
  /** Hash of the sid before. */
  readonly sidBefore: number | null;
  /** Client time at which the last one began. */
  readonly sidSince: number | null;
  /** How often they were seen to take turns. */
  readonly forks: number;
  /** A second player reported since the newest beat. */
  readonly isForked: boolean;
}

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

/** What one rule said. */
export interface StoredRule {
  /** Policy. */
  readonly policy: string;
  /** Version. */
  readonly version: number;
  /** Rule. */
  readonly rule: string;
  /** What it said. */
  readonly allowed: boolean;
  /** It only counts. */
  readonly shadow: boolean;
  /** Strategy. */
  readonly strategy: string;
  /** Values counted apart. */
  readonly group: string;
  /** Places taken. */
  readonly current: number;
  /** Places. */
  readonly max: number;
}

/** A decision as it was made; processed again, its record gets the same one. */
export interface StoredDecision {
  /** Event id of the record that was decided on; empty: the one of its start. */
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
  /** Streams allowed; where nothing limits, what any account can have. */
  readonly max: number;
  /** Until the earliest lease in the way ends. */
  readonly retryAfterMs: number | null;
  /** Streams in the way, at most `MAX_CONFLICTS`, oldest first. */
  readonly conflicts: readonly StoredConflict[];
  /** Sessions of the same device that it ended. */
  readonly replaced: readonly string[];
  /** Policy that refused. */
  readonly policy: string | null;
  /** Rule that refused. */
  readonly rule: string | null;
  /** The viewer may choose what to end. */
  readonly mayEnd: boolean;
  /** Sessions that it ended to make room. */
  readonly ended: readonly string[];
  /** End of its grace. */
  readonly graceUntil: number | null;
  /** Rules that were asked; none: the limit of the plan alone. */
  readonly rules: readonly StoredRule[];
  /** False: no rule was about it. */
  readonly isAsked: boolean;
  /** It judged a stream that ran. */
  readonly isCheck: boolean;
}

/** What the guard knows of a playback session, besides its key. Store sessions, keyed tenant/account/session. */
export interface StoredSession {
  /** Profile. */
  readonly profile: string | null;
  /** Device. */
  readonly device: string | null;
  /** Content. */
  readonly content: string | null;
  /** Kind of the content. */
  readonly kind: ContentKind;
  /** Class of the device. */
  readonly deviceClass: DeviceClass;
  /** Set by its start for good; null: nothing of it is known. */
  readonly facts: StreamFacts | null;
  /** Streams at once by the viewer's token, set by its start for good; null: it says nothing. */
  readonly tokenMaxStreams: number | null;
  /** Log time at which it was first seen, milliseconds UTC. */
  readonly startedAt: number;
  /** Greatest received time of a report that was not late. */
  readonly lastSeenAt: number;
  /** End of its longest lease in log time; 0 before the first. */
  readonly leaseExpiresAt: number;
  /** A lease for each source that speaks for it; the longest holds. */
  readonly leases: readonly SourceLease[];
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
  /** Received time of its own first stop. */
  readonly stoppedAt: number | null;
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
  /** Log time since which its player is paused. */
  readonly pausedSince: number | null;
  /** Log time from which its next sign of life is judged: end of a warm-up or grace. */
  readonly judgeAt: number | null;
  /** Beats from which it is judged. */
  readonly judgeAtBeats: number | null;
  /** End of the last grace that it was given, kept when it is over; null: none was. */
  readonly graceUntil: number | null;
  /** The verdict is warn. */
  readonly isWarned: boolean;
  /** The gateway admitted it by the fail rule. */
  readonly isUnchecked: boolean;
  /** Admitted unchecked, and refused in hindsight. */
  readonly exceeded: boolean;
  /** Sessions that the viewer chose to end by a start that nothing was asked on; until the first decision. */
  readonly end: readonly string[];
  /** Null: nothing yet. */
  readonly plays: PlayerTrace | null;
  /** The decision on its start. */
  readonly start: StoredDecision | null;
  /** The latest decision on a sign of life without a live lease. */
  readonly reopening: StoredDecision | null;
}

/** A playback session with what its key says. Only the rest is stored: of a million sessions the ids are a third. */
export interface SessionState extends StoredSession, SessionRef {}

/** Names a session of an account. */
export interface SessionRef {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
}

/** A session as it was read from the store. */
export function sessionOf(key: SessionRef, stored: StoredSession): SessionState {
  const { tenant, account, session } = key;
  return { ...stored, tenant, account, session };
}

/**
 * When a session was last seen: at its start, or after it. Its start has log time, its reports have the times at which they
 * were received, which may be some milliseconds behind.
 */
export function lastSeenMs({ startedAt, lastSeenAt }: Pick<StoredSession, 'startedAt' | 'lastSeenAt'>): number {
  return Math.max(startedAt, lastSeenAt);
}

/** The Avro schema of the values of the store `sessions`. */
export const SESSION_STATE_SCHEMA: string = readFileSync(
  new URL('../avro/session-state.avsc', import.meta.url),
  'utf8',
);

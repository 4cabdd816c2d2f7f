/**
 * What was seen from outside. All times are this machine's clock in milliseconds, which is also the clock of the gateways:
 * what a gateway received, it received between `sentAt` and `answeredAt`.
 */

/** A request and its answer. */
export interface Exchange {
  readonly sentAt: number;
  /** When the answer was read, or the connection was lost. */
  readonly answeredAt: number;
  /** 0: no answer. */
  readonly status: number;
}

/** What was sent to one of the gateways. */
export interface SentTo {
  readonly gateway: number;
}

/** `POST /v1/playback-sessions`. */
export interface StartSeen extends Exchange, SentTo {
  readonly device: string;
  /** Of a 201. */
  readonly session?: string | undefined;
  /** Of a 201: false when the guard was not heard and the tenant's rule decided. */
  readonly checked?: boolean | undefined;
}

/** `POST /v1/heartbeats`: one beat. */
export interface BeatSeen extends Exchange {
  readonly sequence: number;
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
  readonly nextBeatInMs?: number | undefined;
}

/** A session that was admitted, as its viewer and those who attack it saw it. */
export interface SessionSeen {
  readonly session: string;
  readonly account: string;
  readonly device: string;
  readonly start: StartSeen;
  /** In the order in which they were sent. */
  readonly beats: BeatSeen[];
  /** Its own stop, with its ticket. */
  readonly stops: Exchange[];
  /** Stops from elsewhere: by an operator, or by another device of the account. */
  readonly terminations: (Exchange & SentTo)[];
  /** When somebody first sent something in its name that its viewer did not: what is then said about it is nobody's fault. */
  disturbedAt?: number;
}

/** An account and everything that was asked for it. */
export interface AccountSeen {
  readonly account: string;
  readonly maxStreams: number;
  readonly starts: StartSeen[];
  readonly sessions: SessionSeen[];
}

/** What the log has of a beat. */
export interface LoggedBeat {
  readonly eventId: string;
  /** It waited in a gateway's disk queue: history, never liveness. */
  readonly late: boolean;
}

/** What the log has of a start. */
export interface LoggedStart {
  /** The first record of it had waited in a gateway's disk queue. */
  readonly late: boolean;
  /** When this process read it: it was in the log before. */
  readonly readAt: number;
}

/** What the topics have of a run, by session. */
export interface LogSeen {
  /** By session, by sequence: every record of that beat. */
  readonly beats: ReadonlyMap<string, ReadonlyMap<number, readonly LoggedBeat[]>>;
  /** By session: its start. */
  readonly starts: ReadonlyMap<string, LoggedStart>;
  /** By session, in the order of the log: the verdicts that were written; null forgets the session. */
  readonly verdicts: ReadonlyMap<string, readonly (LoggedVerdict | null)[]>;
}

/** A record of `playback.verdicts`. */
export interface LoggedVerdict {
  readonly verdict: string;
  readonly reason: string | null;
}

/** What the lookup of a session said at the end of a run. */
export interface LookupSeen {
  readonly session: string;
  /** Distinct beats that the guard has counted. */
  readonly beats: number;
}

/** Something that must not be. */
export interface Violation {
  readonly rule: Rule;
  readonly account: string;
  /** What was seen, with the times. */
  readonly detail: string;
}

/** What is checked; README.md says what each means. */
export const RULES = [
  'over-limit',
  'refused-while-free',
  'stopped-without-cause',
  'verdict-without-reason',
  'verdict-taken-back',
  'start-not-in-log',
  'beat-not-in-log',
  'beat-logged-too-often',
  'beat-counted-wrong',
  'forgery-accepted',
  'wrong-status',
] as const;

/** One of {@link RULES}. */
export type Rule = (typeof RULES)[number];

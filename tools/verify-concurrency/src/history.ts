import type { AccountKind } from './kinds.ts';

/**
 * What was seen from outside. All times are this machine's clock in milliseconds, which is also the clock of the gateways
 * but for the offset that a run gives them: what a gateway received, it received between `sentAt` and `answeredAt`.
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
  /** Of exempt content, which holds no slot. */
  readonly exempt?: boolean | undefined;
  /** Of a 201: the gateway's clock. */
  readonly serverTime?: number | undefined;
}

/** `POST /v1/heartbeats`: one beat. */
export interface BeatSeen extends Exchange {
  readonly sequence: number;
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
  readonly nextBeatInMs?: number | undefined;
}

/** `POST /v1/evidence`: what a back end says of a stream, and what it is told. */
export interface EvidenceSeen extends Exchange {
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
}

/** A session that was admitted, as its viewer and those who attack it saw it. */
export interface SessionSeen {
  readonly session: string;
  readonly account: string;
  readonly device: string;
  readonly start: StartSeen;
  /** In the order in which they were sent. */
  readonly beats: BeatSeen[];
  /** In the order in which it was sent. Each keeps the stream alive for an interval and a grace. */
  readonly evidence: EvidenceSeen[];
  /** `GET /v1/authorization`: 204 or 403. */
  readonly authorizations: Exchange[];
  /** Its own stop, with its ticket. */
  readonly stops: Exchange[];
  /** Stops from elsewhere: by an operator, or by another device of the account. */
  readonly terminations: (Exchange & SentTo)[];
  /** When somebody first sent something in its name that its viewer did not: what is then said about it is nobody's fault. */
  disturbedAt?: number;
}

/** A session that was just admitted. */
export function newSessionSeen(admitted: Pick<SessionSeen, 'session' | 'account' | 'device' | 'start'>): SessionSeen {
  return { ...admitted, beats: [], evidence: [], authorizations: [], stops: [], terminations: [] };
}

/** An event of `GET /v1/accounts/{account}/verdict-events`. */
export interface EventSeen {
  readonly type: 'verdict' | 'reset';
  /** Partition and offset of the verdict in its topic. */
  readonly id: string | undefined;
  readonly session: string | undefined;
  readonly verdict: string | undefined;
}

/** An account and everything that was asked for it. */
export interface AccountSeen {
  readonly tenant: string;
  readonly account: string;
  readonly kind: AccountKind;
  readonly maxStreams: number;
  readonly starts: StartSeen[];
  readonly sessions: SessionSeen[];
  /** In the order in which they were heard. */
  readonly events: EventSeen[];
  /** Times that somebody began to listen. */
  connections: number;
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

/** What the log has of a session's end. */
export interface LoggedEnd {
  readonly late: boolean;
  readonly readAt: number;
}

/** What the log has of a session's evidence. */
export interface LoggedEvidence {
  /** Records, of which some may be of the same evidence. */
  readonly records: number;
  /** Some of it had waited in a gateway's disk queue. */
  readonly late: boolean;
}

/** What the topics have of a run, by session; by {@link sessionKey} where back ends name sessions. */
export interface LogSeen {
  /** By session, by sequence: every record of that beat. */
  readonly beats: ReadonlyMap<string, ReadonlyMap<number, readonly LoggedBeat[]>>;
  /** By session: its start. */
  readonly starts: ReadonlyMap<string, LoggedStart>;
  /** By session: the first record of its own stop. */
  readonly stops: ReadonlyMap<string, LoggedEnd>;
  /** By key: the first record of its end from elsewhere. */
  readonly terminations: ReadonlyMap<string, LoggedEnd>;
  /** By key. */
  readonly evidence: ReadonlyMap<string, LoggedEvidence>;
  /** By key, in the order of the log: the verdicts that were written; null forgets the session. */
  readonly verdicts: ReadonlyMap<string, readonly (LoggedVerdict | null)[]>;
}

/** A record of `playback.verdicts`. */
export interface LoggedVerdict {
  readonly verdict: string;
  readonly reason: string | null;
  /** The session that made it stop, or somebody's role. */
  readonly endedBy: string | null;
  readonly partition: number;
  readonly offset: number;
  /** When this process read it: it was in the log before. */
  readonly readAt: number;
}

/** The key of a session in `playback.verdicts`: back ends name sessions themselves, so that two accounts may have one of the same name. */
export const sessionKey = ({ tenant, account }: AccountSeen, session: string): string =>
  `${tenant}/${account}/${session}`;

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
  'stop-not-told',
  'events-wrong',
  'start-not-in-log',
  'beat-not-in-log',
  'evidence-not-in-log',
  'stop-not-in-log',
  'beat-logged-too-often',
  'beat-counted-wrong',
  'forgery-accepted',
  'wrong-status',
] as const;

/** One of {@link RULES}. */
export type Rule = (typeof RULES)[number];

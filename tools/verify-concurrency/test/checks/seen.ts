import { checkAccount } from '../../src/checks/check-account.ts';
import type {
  AccountSeen,
  BeatSeen,
  EvidenceSeen,
  Exchange,
  LoggedBeat,
  LoggedEnd,
  LoggedEvidence,
  LoggedStart,
  LoggedVerdict,
  LogSeen,
  SessionSeen,
  StartSeen,
} from '../../src/history.ts';
import type { AccountKind } from '../../src/kinds.ts';

/** Intervals of a second, as the checks take them. */
export const TIMES = {
  intervalMs: 1_000,
  graceMs: 1_500,
  inFlightMs: 1_000,
  skewMs: 0,
  graceForMs: 4_000,
  keepMs: 3_000,
  brokerAway: [],
  gatewaysAway: [],
};
/** Every exchange takes this long. */
const ANSWER_MS = 10;

/** A session as a test writes it. */
export interface SessionGiven {
  readonly device: string;
  readonly at: number;
  readonly checked?: boolean;
  /** Times of beats, with what was answered: go on, where nothing is said. */
  readonly beats?: readonly (number | (Partial<BeatSeen> & { readonly at: number }))[];
  readonly stopAt?: number;
  readonly disturbedAt?: number;
  readonly terminatedAt?: number;
  readonly exempt?: boolean;
  /** Times at which evidence was posted, with what was answered. */
  readonly evidence?: readonly (number | (Partial<EvidenceSeen> & { readonly at: number }))[];
  /** Times at which it was asked whether media may be served, with the answer's status. */
  readonly authorizations?: readonly { readonly at: number; readonly status: number }[];
}

/** A request that is answered a moment later. */
export const exchange = (at: number) => ({ sentAt: at, answeredAt: at + ANSWER_MS });

function session(given: SessionGiven): SessionSeen {
  const { device, at, checked = true, exempt, beats = [], evidence = [], authorizations = [] } = given;
  const { stopAt, disturbedAt, terminatedAt } = given;
  const id = `${device}@${at}`;
  return {
    session: id,
    account: 'a',
    device,
    start: { ...exchange(at), status: 201, gateway: 0, device, session: id, checked, exempt },
    beats: beats.map((beat, sequence) => {
      const { at: sentAt, ...rest } = typeof beat === 'number' ? { at: beat } : beat;
      const told = { verdict: 'continue', nextBeatInMs: TIMES.intervalMs };
      return { ...exchange(sentAt), status: 200, sequence, ...told, ...rest };
    }),
    stops: stopAt === undefined ? [] : [{ ...exchange(stopAt), status: 204 }],
    evidence: evidence.map((one) => {
      const { at: sentAt, ...rest } = typeof one === 'number' ? { at: one } : one;
      return { ...exchange(sentAt), status: 200, verdict: 'continue', ...rest };
    }),
    authorizations: authorizations.map(({ at: askedAt, status }) => ({ ...exchange(askedAt), status })),
    terminations: terminatedAt === undefined ? [] : [{ ...exchange(terminatedAt), status: 204, gateway: 0 }],
    ...(disturbedAt === undefined ? {} : { disturbedAt }),
  };
}

/** A start that was answered 409. */
export const refused = (device: string, at: number): StartSeen => ({
  ...exchange(at),
  status: 409,
  gateway: 0,
  device,
});
/** A start without an answer. */
export const lost = (device: string, at: number): StartSeen => ({ ...exchange(at), status: 0, gateway: 0, device });

/** What was seen of an account: its admitted sessions, and other starts. */
export function account(
  maxStreams: number,
  given: readonly SessionGiven[],
  others: readonly StartSeen[] = [],
  kind: AccountKind = 'plain',
): AccountSeen {
  const sessions = given.map(session);
  return {
    tenant: 't',
    events: [],
    connections: 0,
    account: 'a',
    kind,
    maxStreams,
    sessions,
    starts: [...sessions.map(({ start }) => start), ...others],
  };
}

/** A log that has every acknowledged beat once, but for what is given. */
export function logOf(
  seen: AccountSeen,
  {
    beats = {},
    starts = {},
    verdicts = {},
    ends = {},
    evidence = {},
  }: {
    /** Of own stops and terminations; where nothing is said each that was acknowledged is there. */
    readonly ends?: Readonly<Record<string, LoggedEnd | undefined>>;
    readonly evidence?: Readonly<Record<string, LoggedEvidence>>;
    readonly starts?: Readonly<Record<string, LoggedStart | undefined>>;
    readonly beats?: Readonly<Record<string, readonly LoggedBeat[]>>;
    readonly verdicts?: Readonly<Record<string, readonly (LoggedVerdict | null)[]>>;
  } = {},
): LogSeen {
  const logged = seen.sessions.map(({ session: id, beats: sent }) => {
    const ofSession = sent
      .filter(({ status }) => status === 200)
      .map(({ sequence }): [number, readonly LoggedBeat[]] => {
        return [sequence, beats[`${id}/${sequence}`] ?? [{ eventId: `${id}/${sequence}`, late: false }]];
      });
    return [id, new Map(ofSession)] as const;
  });
  const inLog = seen.sessions.flatMap(({ session: id, start }) => {
    const found = id in starts ? starts[id] : { late: false, readAt: start.answeredAt };
    return found === undefined ? [] : [[id, found] as const];
  });
  const endsOf = (of: (one: SessionSeen) => readonly Exchange[], key: (id: string) => string) =>
    new Map(
      seen.sessions.flatMap((one) => {
        const [end] = of(one);
        const found = one.session in ends ? ends[one.session] : end && { late: false, readAt: end.answeredAt };
        return found === undefined ? [] : [[key(one.session), found] as const];
      }),
    );
  const keyOf = (id: string): string => `t/a/${id}`;
  const evidenceOf = ({ session: id, evidence: posted }: SessionSeen) =>
    [keyOf(id), evidence[id] ?? { records: posted.length, late: false }] as const;
  return {
    beats: new Map(logged),
    starts: new Map(inLog),
    stops: endsOf(
      ({ stops }) => stops,
      (id) => id,
    ),
    terminations: endsOf(({ terminations }) => terminations, keyOf),
    evidence: new Map(seen.sessions.map(evidenceOf)),
    verdicts: new Map(Object.entries(verdicts).map(([id, all]) => [keyOf(id), all])),
  };
}

/** A stop as the log has it. */
export const stopped = (reason: string | null, readAt = 0, endedBy: string | null = null): LoggedVerdict => {
  return { verdict: 'STOP', reason, endedBy, readAt, partition: 0, offset: 0 };
};

/** The rules that an account breaks. */
export const rules = (seen: AccountSeen, log = logOf(seen)): readonly string[] =>
  checkAccount(seen, log, TIMES).map(({ rule }) => rule);

/** A beat in each second. */
export const beatsTo = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / 1_000) }, (_, i) => from + (i + 1) * 1_000);

/** Makes what was seen of accounts of a kind. */
export const seenOf =
  (kind: AccountKind) =>
  (maxStreams: number, given: readonly SessionGiven[], others: Parameters<typeof account>[2] = []): AccountSeen =>
    account(maxStreams, given, others, kind);

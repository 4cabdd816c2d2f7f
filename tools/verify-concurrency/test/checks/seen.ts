import { checkAccount } from '../../src/checks/check-account.ts';
import type {
  AccountSeen,
  BeatSeen,
  LoggedBeat,
  LoggedStart,
  LoggedVerdict,
  LogSeen,
  SessionSeen,
  StartSeen,
} from '../../src/history.ts';

/** Intervals of a second, as the checks take them. */
export const TIMES = { intervalMs: 1_000, graceMs: 1_500, inFlightMs: 1_000, brokerAway: [] };
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
}

/** A request that is answered a moment later. */
export const exchange = (at: number) => ({ sentAt: at, answeredAt: at + ANSWER_MS });

function session({ device, at, checked = true, beats = [], stopAt, disturbedAt }: SessionGiven): SessionSeen {
  const id = `${device}@${at}`;
  return {
    session: id,
    account: 'a',
    device,
    start: { ...exchange(at), status: 201, gateway: 0, device, session: id, checked },
    beats: beats.map((given, sequence) => {
      const { at: sentAt, ...rest } = typeof given === 'number' ? { at: given } : given;
      const told = { verdict: 'continue', nextBeatInMs: TIMES.intervalMs };
      return { ...exchange(sentAt), status: 200, sequence, ...told, ...rest };
    }),
    stops: stopAt === undefined ? [] : [{ ...exchange(stopAt), status: 204 }],
    terminations: [],
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
): AccountSeen {
  const sessions = given.map(session);
  return { account: 'a', maxStreams, sessions, starts: [...sessions.map(({ start }) => start), ...others] };
}

/** A log that has every acknowledged beat once, but for what is given. */
export function logOf(
  seen: AccountSeen,
  {
    beats = {},
    starts = {},
    verdicts = {},
  }: {
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
  return { beats: new Map(logged), starts: new Map(inLog), verdicts: new Map(Object.entries(verdicts)) };
}

/** The rules that an account breaks. */
export const rules = (seen: AccountSeen, log = logOf(seen)): readonly string[] =>
  checkAccount(seen, log, TIMES).map(({ rule }) => rule);

import type { AccountSeen, BeatSeen, Exchange, LoggedVerdict, LogSeen, SessionSeen, StartSeen } from '../history.ts';
import { sessionKey } from '../history.ts';
import type { PolicyTimes } from '../kinds.ts';

/** From `from` on and before `to`, milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The product's times in the run, in milliseconds. */
export interface LeaseTimes extends PolicyTimes {
  readonly intervalMs: number;
  readonly graceMs: number;
  /** A record may come into the log so much later than its request was given up by the client. */
  readonly inFlightMs: number;
  /** The gateways' clocks are off by no more than this, to either side: a lease and the time it is compared with may be by different ones. */
  readonly skewMs: number;
}

/** The times of a run. */
export interface RunTimes extends LeaseTimes {
  /** When the broker was ended until it served again; one after the other. */
  readonly brokerAway: readonly Span[];
  /** When a gateway was killed until it served again. */
  readonly gatewaysAway: readonly Span[];
}

/** What is judged: an account, by the log and the times of its run. */
export interface Judged {
  readonly account: AccountSeen;
  readonly log: LogSeen;
  readonly times: RunTimes;
}

/** A beat's answer may ask for the next one up to a tenth earlier or later than the interval. */
const JITTER = 1.1;

/** A beat's answer asks for the next one no earlier than this share of the interval. */
const LEAST_JITTER = 0.9;

/** True when an exchange was answered 2xx. */
export const isAnswered = ({ status }: Exchange): boolean => status >= 200 && status < 300;
const isStop = ({ status, verdict }: Pick<BeatSeen, 'status' | 'verdict'>): boolean =>
  status === 200 && verdict === 'stop';

/** The longest lease that a sign of life of these sessions gives: what it asks for grows with the load. */
export function longestLease(sessions: readonly SessionSeen[], { intervalMs, graceMs }: LeaseTimes): number {
  const asked = sessions.flatMap(({ beats }) => beats.map(({ nextBeatInMs = 0 }) => nextBeatInMs));
  return Math.max(intervalMs, ...asked) * JITTER + graceMs;
}

/** The first verdict stop in the log. */
export function loggedStop(
  { session }: SessionSeen,
  { account, log }: Omit<Judged, 'times'>,
): LoggedVerdict | undefined {
  const logged = log.verdicts.get(sessionKey(account, session)) ?? [];
  return logged.find((one) => one?.verdict === 'STOP') ?? undefined;
}

/**
 * When the session holds a slot for certain, whatever the order in which things came into the log: as long as its leases
 * and what its own viewer does say, and no longer than its policy may have let it.
 */
export function certainHold(seen: SessionSeen, judged: Judged): Span {
  const { from, to } = leasedHold(seen, judged);
  return { from, to: Math.min(to, endByPolicy(seen, judged)) };
}

/**
 * The same, but for what policies do: from the answer that admitted it, for as long as each sign of life was acknowledged
 * before the lease of the one before could be over.
 */
export function leasedHold(seen: SessionSeen, { account, log, times }: Judged): Span {
  const { start } = seen;
  const none = { from: start.answeredAt, to: start.answeredAt };
  if (start.checked !== true || log.evidence.get(sessionKey(account, seen.session))?.late === true) return none;
  const leaseMs = times.intervalMs + times.graceMs;
  const renewals = [
    ...seen.beats
      .filter((beat) => beat.status === 200 && !isStop(beat) && !isLate(seen, beat, log))
      .map((beat) => ({ ...beat, until: renewedUntil(beat, seen, times) })),
    ...seen.evidence
      .filter((one) => one.status === 200 && !isStop(one))
      .map((one) => ({ ...one, until: one.sentAt + leaseMs })),
  ];
  let to = start.sentAt + leaseMs - 2 * times.skewMs;
  for (const { answeredAt, until } of renewals) {
    if (answeredAt > to) break;
    to = Math.max(to, until - 2 * times.skewMs);
  }
  const ends = [
    ...[...seen.stops, ...seen.terminations].map(({ sentAt }) => sentAt),
    ...replacements(seen, account).map(({ sentAt }) => sentAt),
    seen.disturbedAt ?? Infinity,
  ];
  return { from: start.answeredAt, to: Math.min(to, ...ends) };
}

/** The earliest moment at which its policy may have ended it, if the log says that it did. */
function endByPolicy(seen: SessionSeen, judged: Judged): number {
  const { account } = judged;
  const stop = loggedStop(seen, judged);
  if (account.kind === 'end-oldest' && stop?.reason === 'newer-stream') return endedFrom(seen, account, stop);
  if (stop?.reason !== 'concurrency-limit') return Infinity;
  if (account.kind === 'grace') return graceOver(seen, judged);
  // Whether it was ever admitted is not answered to a back end.
  return account.kind === 'named' ? -Infinity : Infinity;
}

/**
 * The earliest moment at which the grace of a session may have been over. One that took the place of its device's older
 * session shares the grace that its account has, which an earlier start was given.
 */
export function graceOver({ session, device, start }: SessionSeen, { account, times }: Judged): number {
  const { graceForMs, inFlightMs, skewMs } = times;
  const earlier = account.starts.filter((other) => other.session !== session && other.sentAt <= start.answeredAt);
  const shared = earlier.some((other) => other.device === device)
    ? earlier.map(({ sentAt }) => sentAt + graceForMs).filter((end) => end + inFlightMs + 2 * skewMs > start.sentAt)
    : [];
  return Math.max(start.sentAt, Math.min(start.sentAt + graceForMs, ...shared)) - 2 * skewMs;
}

/** The earliest moment at which a newer stream may have ended it: as the newer one was asked for. */
export function endedFrom({ start }: SessionSeen, { sessions }: AccountSeen, { endedBy }: LoggedVerdict): number {
  return sessions.find(({ session }) => session === endedBy)?.start.sentAt ?? start.sentAt;
}

/**
 * Until when an acknowledged beat renews the lease at least: for as long as its answer asks for the next one, and the grace.
 * One that was sent before without an answer may have been taken then, and asked for no one knows which time; the same
 * beat again renews nothing.
 */
function renewedUntil({ sequence, sentAt, nextBeatInMs }: BeatSeen, { beats }: SessionSeen, times: LeaseTimes): number {
  const first = Math.min(...beats.filter((beat) => beat.sequence === sequence).map((beat) => beat.sentAt));
  const known = first === sentAt ? nextBeatInMs : undefined;
  return first + (known ?? times.intervalMs * LEAST_JITTER) + times.graceMs;
}

/** The last moment at which a sign of life of the session may have come into the log. */
function lastSign({ start, beats, evidence }: SessionSeen, { inFlightMs }: LeaseTimes): number {
  return Math.max(
    ...[start, ...beats, ...evidence].map(({ answeredAt, status }) => answeredAt + (status === 0 ? inFlightMs : 0)),
  );
}

/** When the session may hold a slot: outside of it, it holds none, whatever the order in which things came into the log. */
export function possibleHold(seen: SessionSeen, { account, log, times }: Judged): Span {
  const ends = [
    lastSign(seen, times) + longestLease([seen], times) + 2 * times.skewMs,
    ...seen.stops.filter(isAnswered).map((one) => inLogBy(one, log.stops.get(seen.session))),
    ...seen.terminations
      .filter(isAnswered)
      .map((one) => inLogBy(one, log.terminations.get(sessionKey(account, seen.session)))),
    ...replacements(seen, account)
      .filter(({ status, checked }) => status === 201 && checked === true)
      .map(({ answeredAt }) => answeredAt),
    ...[...seen.beats, ...seen.evidence].filter(isStop).map(({ answeredAt }) => answeredAt),
  ];
  return { from: seen.start.sentAt, to: Math.min(...ends) };
}

/** When an end that was acknowledged is in the log for certain: one that waited on a disk comes later. */
function inLogBy({ answeredAt }: Exchange, logged: { readonly late: boolean; readonly readAt: number } | undefined) {
  if (logged === undefined) return Infinity;
  return logged.late ? Math.max(answeredAt, logged.readAt) : answeredAt;
}

/** When a start may hold a slot of which nobody was told a session: it was answered with an error, or not at all. */
export function possibleHoldOfLost(start: StartSeen, times: LeaseTimes): Span {
  return {
    from: start.sentAt,
    to: start.answeredAt + times.inFlightMs + longestLease([], times) + 2 * times.skewMs,
  };
}

/** When the device of a session is kept for certain: from its admission, for as long as the policy says. */
export function certainKeep({ start }: SessionSeen, { keepMs, skewMs }: LeaseTimes): Span {
  const to = start.checked === true ? start.sentAt + keepMs - 2 * skewMs : start.answeredAt;
  return { from: start.answeredAt, to };
}

/** When the device of a session may be kept: any sign of life may have been a new admission, and its stop frees nothing. */
export function possibleKeep(seen: SessionSeen, times: LeaseTimes): Span {
  const keptMs = Math.max(times.keepMs, longestLease([seen], times));
  return { from: seen.start.sentAt, to: lastSign(seen, times) + keptMs + 2 * times.skewMs };
}

/** The same for a start of which nobody was told a session. */
export function possibleKeepOfLost(start: StartSeen, times: LeaseTimes): Span {
  const keptMs = Math.max(times.keepMs, longestLease([], times));
  return { from: start.sentAt, to: start.answeredAt + times.inFlightMs + keptMs + 2 * times.skewMs };
}

/** True when the session certainly holds no slot, because its content is exempt. A start that waited on a disk may say so too late. */
export const isFree = ({ start }: SessionSeen): boolean => start.exempt === true && start.checked === true;

/** Later starts of the same device: each ends the older session. Exempt content neither ends nor is ended. */
export function replacements({ session, device, start }: SessionSeen, { starts }: AccountSeen): readonly StartSeen[] {
  return starts.filter((other) => {
    const isLater = other.session !== session && other.sentAt >= start.sentAt;
    return other.device === device && isLater && other.exempt !== true;
  });
}

/** Whether the beat waited in a gateway's disk queue, as the log has it; one that the log does not have is found elsewhere. */
function isLate({ session }: SessionSeen, { sequence }: BeatSeen, log: LogSeen): boolean {
  return (
    log.beats
      .get(session)
      ?.get(sequence)
      ?.some(({ late }) => late) ?? false
  );
}

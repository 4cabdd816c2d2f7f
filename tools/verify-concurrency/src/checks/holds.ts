import type { AccountSeen, BeatSeen, Exchange, LogSeen, SessionSeen, StartSeen } from '../history.ts';

/** From `from` on and before `to`, milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The product's times in the run, in milliseconds. */
export interface LeaseTimes {
  readonly intervalMs: number;
  readonly graceMs: number;
  /** A record may come into the log so much later than its request was given up by the client. */
  readonly inFlightMs: number;
}

/** The times of a run. */
export interface RunTimes extends LeaseTimes {
  /** When the broker was ended until it served again; one after the other. */
  readonly brokerAway: readonly Span[];
}

/** A beat's answer may ask for the next one up to a tenth earlier or later than the interval. */
const JITTER = 1.1;

/** A beat's answer asks for the next one no earlier than this share of the interval. */
const LEAST_JITTER = 0.9;

const isAnswered = ({ status }: Exchange): boolean => status >= 200 && status < 300;
const isStop = ({ status, verdict }: BeatSeen): boolean => status === 200 && verdict === 'stop';

/**
 * When the session holds a slot for certain, whatever the order in which things came into the log: from the answer that
 * admitted it, for as long as each beat was acknowledged before the lease of the one before could be over.
 */
export function certainHold(seen: SessionSeen, account: AccountSeen, log: LogSeen, times: LeaseTimes): Span {
  const { start } = seen;
  if (start.checked !== true) return { from: start.answeredAt, to: start.answeredAt };
  let to = start.sentAt + times.intervalMs + times.graceMs;
  for (const beat of seen.beats) {
    if (beat.status !== 200 || isStop(beat) || isLate(seen, beat, log)) continue;
    if (beat.answeredAt > to) break;
    to = Math.max(to, renewedUntil(beat, seen, times));
  }
  const ends = [
    ...[...seen.stops, ...seen.terminations].map(({ sentAt }) => sentAt),
    ...replacements(seen, account).map(({ sentAt }) => sentAt),
    seen.disturbedAt ?? Infinity,
  ];
  return { from: start.answeredAt, to: Math.min(to, ...ends) };
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

/** When the session may hold a slot: outside of it, it holds none, whatever the order in which things came into the log. */
export function possibleHold(seen: SessionSeen, account: AccountSeen, times: LeaseTimes): Span {
  const signs = [seen.start, ...seen.beats];
  const asked = Math.max(times.intervalMs, ...seen.beats.map(({ nextBeatInMs = 0 }) => nextBeatInMs));
  const lastSign = Math.max(
    ...signs.map(({ answeredAt, status }) => answeredAt + (status === 0 ? times.inFlightMs : 0)),
  );
  const ends = [
    lastSign + asked * JITTER + times.graceMs,
    ...[...seen.stops, ...seen.terminations].filter(isAnswered).map(({ answeredAt }) => answeredAt),
    ...replacements(seen, account)
      .filter(({ status, checked }) => status === 201 && checked === true)
      .map(({ answeredAt }) => answeredAt),
    ...seen.beats.filter(isStop).map(({ answeredAt }) => answeredAt),
  ];
  return { from: seen.start.sentAt, to: Math.min(...ends) };
}

/** When a start may hold a slot of which nobody was told a session: it was answered with an error, or not at all. */
export function possibleHoldOfLost(start: StartSeen, times: LeaseTimes): Span {
  return {
    from: start.sentAt,
    to: start.answeredAt + times.inFlightMs + times.intervalMs * JITTER + times.graceMs,
  };
}

/** Later starts of the same device: each ends the older session. */
function replacements(seen: SessionSeen, { starts }: AccountSeen): readonly StartSeen[] {
  return starts.filter(({ device, sentAt, session }) => {
    return device === seen.device && session !== seen.session && sentAt >= seen.start.sentAt;
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

import { EVIDENCE_RULES, nativeEventId } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import { addEvidence, NO_EVIDENCE } from './evidence-set.ts';
import { addSequence, lastSequence, NO_SEQUENCES } from './sequence-set.ts';
import { factsOf } from './stream-facts.ts';
import type { LeaseSource, SessionState, StoredDecision, StoredSession } from './stored-session.ts';

/**
 * A session's life. Every function here is pure: it takes a state and gives the next one.
 *
 *     first report ──▶ OPEN ──lease over, announced──▶ LAPSED ──sign of life──▶ OPEN   (by a new decision, unless the
 *                      │ ▲                                                              lease still lives in log time)
 *                      │ └──later report with another state, by a new decision── FINISHED ◀── CMCD e, f or q, native ENDED
 *                      ├──own stop──▶ STOPPED   beats are counted, nothing opens it ──plays on──▶ BARRED
 *                      └──refused, replaced, terminated──▶ BARRED   verdict stop, the same
 *
 * Whether a session lives is decided by log time alone (`isLive`): LAPSED is only what lookups are told. One that lives holds
 * a slot, unless its content is exempt (`slotsHeld`).
 */

/** How long a session is remembered whose tickets are not known: a ticket's life. */
const DEFAULT_TICKET_LIFE_MS = 24 * 60 * 60_000;

/** States of CMCD's `sta` after which a stream is over, and what they are called. */
const FINAL_STATES: ReadonlyMap<string, string> = new Map([
  ['e', 'ended'],
  ['f', 'failed'],
  ['q', 'quit'],
]);

/** A session at its first report, at log time `nowMs`: no lease, nothing counted. */
export function newSession(report: PlaybackHeartbeat, nowMs: number): SessionState {
  const { tenant, account, session, profile, device, content, kind, receivedTime } = report;
  return {
    tenant,
    account,
    session,
    profile,
    device,
    content,
    kind,
    deviceClass: report.deviceClass,
    facts: factsOf(report),
    tokenMaxStreams: report.tokenMaxStreams,
    startedAt: nowMs,
    lastSeenAt: receivedTime,
    leaseExpiresAt: 0,
    leases: [],
    ticketExpiresAt: report.ticketExpiresAt ?? nowMs + DEFAULT_TICKET_LIFE_MS,
    phase: 'OPEN',
    endReason: null,
    endedBy: null,
    barredBy: null,
    barredAt: null,
    stoppedAt: null,
    beats: 0,
    events: 0,
    beatSequences: NO_SEQUENCES,
    eventSequences: NO_SEQUENCES,
    recentEvidence: NO_EVIDENCE,
    cmcdTs: null,
    cmcdFinalTs: null,
    pausedSince: null,
    judgeAt: null,
    judgeAtBeats: null,
    graceUntil: null,
    isWarned: false,
    isUnchecked: false,
    exceeded: false,
    end: [],
    plays: null,
    start: null,
    reopening: null,
  };
}

/**
 * The state after a report was counted: identity that was missing, the last ticket, and one beat or event more. A report
 * that was counted before gives undefined: it changes nothing, so that a repeat keeps no stream alive.
 */
export function countReport(state: SessionState, report: PlaybackHeartbeat): SessionState | undefined {
  const counted = countOnce(state, report);
  return counted === undefined ? undefined : { ...counted, ...seen(state, report) };
}

/** What any report tells besides its count. What a session is (device, content) stays as it was first said. */
export function seen(state: SessionState, report: PlaybackHeartbeat): Partial<SessionState> {
  const { cmcd } = report;
  return {
    profile: state.profile ?? report.profile,
    device: state.device ?? report.device,
    content: state.content ?? report.content,
    kind: state.kind === 'UNKNOWN' ? report.kind : state.kind,
    deviceClass: state.deviceClass === 'UNKNOWN' ? report.deviceClass : state.deviceClass,
    facts: state.facts ?? factsOf(report),
    tokenMaxStreams: state.tokenMaxStreams ?? report.tokenMaxStreams,
    ticketExpiresAt: Math.max(state.ticketExpiresAt, report.ticketExpiresAt ?? 0),
    lastSeenAt: report.late ? state.lastSeenAt : Math.max(state.lastSeenAt, report.receivedTime),
    ...(cmcd === null || cmcd.ts === null || cmcd.state === null
      ? {}
      : FINAL_STATES.has(cmcd.state)
        ? { cmcdFinalTs: Math.max(state.cmcdFinalTs ?? 0, cmcd.ts) }
        : { cmcdTs: Math.max(state.cmcdTs ?? 0, cmcd.ts) }),
  };
}

/** True while the session has a lease at log time `nowMs`. A lease is over at its end. */
export function isLive({ phase, leaseExpiresAt }: StoredSession, nowMs: number): boolean {
  return (phase === 'OPEN' || phase === 'LAPSED') && leaseExpiresAt > nowMs;
}

/**
 * Open, with a lease of its source of at least `leaseMs` from log time `nowMs`: what one report gave, another does not
 * shorten. The longest lease of all sources holds. What is seen at a start only speaks until the player does.
 */
export function openLease(state: SessionState, nowMs: number, source: LeaseSource, leaseMs: number): SessionState {
  const isPlayer = source === 'NATIVE' || source === 'CMCD';
  const live = state.leases.filter((lease) => lease.expiresAt > nowMs);
  const own = live.find((lease) => lease.source === source);
  const others = live.filter((lease) => lease !== own && !(isPlayer && isOnlyAtStart(lease.source)));
  const leases = [...others, { source, expiresAt: Math.max(own?.expiresAt ?? 0, nowMs + leaseMs) }];
  const leaseExpiresAt = Math.max(...leases.map(({ expiresAt }) => expiresAt));
  return { ...state, phase: 'OPEN', endReason: null, endedBy: null, leases, leaseExpiresAt };
}

function isOnlyAtStart(source: LeaseSource): boolean {
  return source in EVIDENCE_RULES && EVIDENCE_RULES[source as keyof typeof EVIDENCE_RULES].onlyAtStart;
}

/** What the newest report of its player says of pauses; one that does not say changes nothing. `state` has the report counted. */
export function withPause(state: SessionState, report: PlaybackHeartbeat, nowMs: number): SessionState {
  if (report.state === 'UNKNOWN' || report.state === 'STARTING' || report.late || !isNewest(state, report))
    return state;
  const pausedSince = report.state === 'PAUSED' ? (state.pausedSince ?? nowMs) : null;
  return pausedSince === state.pausedSince ? state : { ...state, pausedSince };
}

/**
 * A native report is compared with its own series: beats and events are numbered apart. Between the two, nothing that was
 * received before the newest report is newer; a player that wants to be sure says it again with its next beat.
 */
function isNewest(state: SessionState, report: PlaybackHeartbeat): boolean {
  if (report.cmcd !== null) return (report.cmcd.ts ?? 0) >= (state.cmcdTs ?? 0);
  const isNewestOfSeries =
    report.type === 'BEAT'
      ? isNewestBeat(state, report)
      : report.sequence === null || report.sequence >= lastSequence(state.eventSequences);
  return isNewestOfSeries && report.receivedTime >= state.lastSeenAt;
}

/** Its lease is over and lookups are told so. */
export function lapse(state: SessionState): SessionState {
  return { ...state, phase: 'LAPSED', endReason: 'lease-expired' };
}

/** Its player said that it is over. */
export function finish(state: SessionState, cmcdState: string): SessionState {
  return { ...state, phase: 'FINISHED', endReason: FINAL_STATES.get(cmcdState) ?? 'ended' };
}

/** Its own stop. A session that is barred stays so. */
export function stop(
  state: SessionState,
  { endReason, receivedTime }: Pick<PlaybackHeartbeat, 'endReason' | 'receivedTime'>,
): SessionState {
  if (state.phase === 'BARRED') return state;
  const stoppedAt = state.stoppedAt ?? receivedTime;
  return { ...state, phase: 'STOPPED', endReason: endReason ?? 'stopped', stoppedAt };
}

/**
 * True when a report shows that a session that has stopped itself plays on, without a slot: it was seen more than `graceMs` after
 * the stop, by the time at which it happened. Not what its player may have said before: only the newest tells. Of what
 * earlier versions stored nobody knows when it stopped, and what plays from the device needs no slot.
 */
export function playsOn(state: SessionState, report: PlaybackHeartbeat, graceMs: number): boolean {
  const { stoppedAt, facts } = state;
  if (stoppedAt === null || report.late || facts?.downloaded === true) return false;
  const isOver = report.state === 'ENDED' || FINAL_STATES.has(report.cmcd?.state ?? '');
  return !isOver && isNewest(state, report) && report.eventTime - stoppedAt > graceMs;
}

/**
 * The event id of the record that a decision of a session was made on. A start's is made of its session, so it is not
 * stored: of a million streams it would be a tenth of the memory.
 */
export function decidedEventId({ session }: Pick<SessionState, 'session'>, { eventId }: StoredDecision): string {
  return eventId === '' ? nativeEventId({ session, type: 'START', sequence: 0 }) : eventId;
}

/** True at the end of its warm-up or grace: its next sign of life is judged. */
export function isJudgementDue({ judgeAt, judgeAtBeats, beats }: StoredSession, nowMs: number): boolean {
  return (judgeAt ?? Infinity) <= nowMs || (judgeAtBeats ?? Infinity) <= beats;
}

/** What was decided on a session first, as far as it is still known: on its start, or on the signs of life of one whose start was history. */
export function firstDecision({ start, reopening }: StoredSession): StoredDecision | null {
  return start?.checked === true ? start : reopening;
}

/** Verdict stop, for good, by the record `eventId` at log time `nowMs`. */
export function bar(
  state: SessionState,
  why: { readonly reason: string; readonly endedBy: string | null; readonly eventId: string },
  nowMs: number,
): SessionState {
  const { reason, endedBy, eventId } = why;
  return { ...state, phase: 'BARRED', endReason: reason, endedBy, barredBy: eventId, barredAt: nowMs };
}

/**
 * The final state that a report brings, in CMCD's letters, if it is the newest state of its player: by ts for CMCD (only a
 * later ts is newer than a final one), by sequence for a native beat. `state` has the report counted already.
 */
export function finalStateOf(state: SessionState, report: PlaybackHeartbeat): string | undefined {
  const { cmcd } = report;
  if (cmcd === null) {
    return report.type === 'BEAT' && report.state === 'ENDED' && isNewestBeat(state, report) ? 'e' : undefined;
  }
  return cmcd.state !== null && FINAL_STATES.has(cmcd.state) && (cmcd.ts ?? 0) >= (state.cmcdTs ?? 0)
    ? cmcd.state
    : undefined;
}

/**
 * True when a report may open a session that its player had finished: a later line with another state, or a later native
 * beat of a player that is not at the end. Other evidence may be of before the end.
 */
export function reopensFinished(state: SessionState, report: PlaybackHeartbeat): boolean {
  const { cmcd } = report;
  return cmcd === null
    ? report.type === 'BEAT' && report.state !== 'ENDED' && isNewestBeat(state, report)
    : cmcd.state !== null && !FINAL_STATES.has(cmcd.state) && (cmcd.ts ?? 0) > (state.cmcdFinalTs ?? Infinity);
}

const isNewestBeat = ({ beatSequences }: SessionState, { sequence }: PlaybackHeartbeat): boolean =>
  sequence === null || sequence >= lastSequence(beatSequences);

/** When the session comes up next: at the end of its lease to be announced, then to be forgotten. */
export function nextDueMs(state: StoredSession): number {
  return holdsLease(state) ? state.leaseExpiresAt : forgetMs(state);
}

/** True while the end of its lease is to be announced. */
export function holdsLease({ phase, leaseExpiresAt }: StoredSession): boolean {
  return phase === 'OPEN' && leaseExpiresAt > 0;
}

/** When the session is forgotten: after its last ticket, and never while it has a lease. */
export function forgetMs(state: StoredSession): number {
  return Math.max(state.ticketExpiresAt, state.leaseExpiresAt);
}

function countOnce(state: SessionState, report: PlaybackHeartbeat): SessionState | undefined {
  const isBeat = report.type === 'BEAT';
  const isEvent = report.evidence?.countsAsEvent === true;
  const counted = { ...state, beats: state.beats + (isBeat ? 1 : 0), events: state.events + (isEvent ? 1 : 0) };
  if (report.source === 'NATIVE' && report.sequence !== null && (isBeat || isEvent)) {
    const name = isBeat ? 'beatSequences' : 'eventSequences';
    const sequences = addSequence(state[name], report.sequence);
    return sequences === undefined ? undefined : { ...counted, [name]: sequences };
  }
  const recentEvidence = addEvidence(state.recentEvidence, report.eventId);
  return recentEvidence === undefined ? undefined : { ...counted, recentEvidence };
}

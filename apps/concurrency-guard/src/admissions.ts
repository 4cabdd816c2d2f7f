import { nativeEventId } from '@playhead/event-schemas';
import type { LevelChange, PlaybackHeartbeat } from '@playhead/event-schemas';
import { rulesOf, storedDecision, terminationRecord } from './announcements.ts';
import { decide, NOT_ASKED, REFUSED_ENDED, refusedUnread } from './decide.ts';
import type { GuardAnnouncer } from './guard-announcer.ts';
import type { GuardOptions } from './guard-options.ts';
import type { GuardState } from './guard-state.ts';
import { leaseMs, leaseSource } from './lease.ts';
import type { LeaseSettings } from './lease.ts';
import { decisiveRules } from './policies/active-policy.ts';
import type { Answer } from './policies/evaluate.ts';
import { slotsHeld } from './policies/usage.ts';
import * as session from './session-state.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';

/** What a decision is on. */
export type Occasion = 'ADMISSION' | 'IMPLICIT_ADMISSION' | 'CHECK';

/** What changed the level of an account, and when. */
export interface LevelCause {
  readonly eventId: string;
  readonly reason: string | null;
  readonly nowMs: number;
  /** Streams that hold a slot now, where that is known already. */
  readonly level?: number;
}

/** What carries decisions out. */
export interface AdmissionParts {
  readonly options: GuardOptions;
  readonly state: GuardState;
  readonly announcer: GuardAnnouncer;
  /** The greatest log time that the state told of when the task began: records of up to then may come again. */
  readonly restoredMs: number;
  /** Stores a session. */
  readonly put: (state: SessionState, nowMs: number) => void;
}

/** Decides on slots, carries the decisions out and announces them. Times are log time. */
export class Admissions {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Decides on a slot: for a session that has none, or (CHECK) for one that runs and is judged again. */
  decide(occasion: Occasion, state: SessionState, report: PlaybackHeartbeat, nowMs: number): void {
    const isOver = state.phase === 'BARRED' || state.phase === 'STOPPED';
    const isCheck = occasion === 'CHECK';
    const before = this.#endedBefore(state, report);
    const unread = isOver || isCheck ? undefined : this.#refusedUnread(state, report, nowMs);
    const live =
      unread === undefined
        ? [...this.#parts.state.liveSessions(state, nowMs), ...before].filter(
            ({ session: name }) => name !== state.session,
          )
        : [];
    const answer = unread ?? (isOver ? REFUSED_ENDED : this.#ask(state, report, live, isCheck, nowMs));
    const gone = new Set([...answer.replaced, ...answer.ended.map((ended) => ended.session)]);
    const others = live.filter((other) => !gone.has(other.session) && other.phase !== 'BARRED');
    const limit = this.#parts.state.limit(state);
    const held =
      unread === undefined
        ? this.#held(state, answer.allowed ? [...others, state] : others)
        : this.#heldNow(state, nowMs);
    const decision = storedDecision(report, answer, { limit, others, held, nowMs, isCheck, checked: true });
    this.#end(answer, state, report.eventId, nowMs);
    const told = decided(occasion, state, decision);
    const why = { reason: answer.reason ?? 'denied', endedBy: null, eventId: report.eventId };
    const next = answer.allowed
      ? this.open(this.#judged(told, answer, decision, nowMs), report, nowMs)
      : isOver
        ? told
        : session.bar(told, why, nowMs);
    // Only of what is decided on it first: what it is refused for when it comes back later was no mistake of the start.
    const isFirst = occasion === 'ADMISSION' || session.firstDecision(state) === null;
    const hindsight = state.isUnchecked && isFirst && exceeds(decision) && !state.exceeded;
    // Before the session is known to its account: of one that is not, all is decided again.
    this.#parts.state.keep(state, answer.kept, nowMs);
    this.#parts.put(hindsight ? { ...next, exceeded: true } : next, nowMs);
    this.#count(occasion, decision, hindsight);
    this.announce(occasion, next, decision, nowMs, held);
    for (const other of before) if (!gone.has(other.session)) this.announceEnded(other, report.eventId, nowMs, held);
  }

  /** History on which nothing is asked: a start that came late, or of what plays from the device. It holds no slot. */
  record(state: SessionState, report: PlaybackHeartbeat, nowMs: number): void {
    const limit = this.#parts.state.limit(state);
    const place = { limit, others: [], held: 0, nowMs, isCheck: false, checked: false };
    const decision = storedDecision(report, NOT_ASKED, place);
    // What the viewer chose to end waits for the first decision, if that is still to come.
    const end = report.late && state.reopening === null ? report.end : [];
    const next = { ...state, start: decision, end };
    this.#parts.put(next, nowMs);
    this.#parts.announcer.decision('ADMISSION', next, decision, nowMs);
  }

  /** A session with the lease that the report gives it. */
  open(state: SessionState, report: PlaybackHeartbeat, nowMs: number): SessionState {
    return session.openLease(state, nowMs, leaseSource(report), leaseMs(report, this.leaseSettings(state.tenant)));
  }

  /** Interval and grace of a tenant, else the installation's. */
  leaseSettings(tenant: string): LeaseSettings {
    const { book, lease } = this.#parts.options;
    const settings = book.settings(tenant);
    return {
      intervalMs: settings?.heartbeatIntervalMs ?? lease.intervalMs,
      graceMs: settings?.heartbeatGraceMs ?? lease.graceMs,
    };
  }

  /** Ends a session for good and says so. */
  end(
    state: SessionState,
    why: {
      readonly reason: string;
      readonly endedBy: string | null;
      readonly eventId: string;
      readonly receivedTime: number;
    },
    nowMs: number,
  ): void {
    const { announcer, options, put } = this.#parts;
    // A lease whose end nobody has announced is over by this, and lasts until then, so that a repeat can tell.
    const held = session.holdsLease(state)
      ? { ...state, leaseExpiresAt: Math.max(state.leaseExpiresAt, nowMs + 1) }
      : state;
    const wasLive = session.isLive(held, nowMs);
    // The first verdict stop stands, with its reason.
    const barred = state.phase === 'BARRED' ? state : session.bar(held, why, nowMs);
    put(barred, nowMs);
    const decidedMs = barred.barredBy === why.eventId ? (barred.barredAt ?? nowMs) : nowMs;
    announcer.record(terminationRecord(barred, { ...why, endReason: why.reason }, decidedMs), nowMs);
    announcer.stop(barred, nowMs);
    if (wasLive) options.metrics.ended(why.reason);
    else if (!isEndedAgain(barred, why)) return;
    this.level('KILLED', barred, { eventId: why.eventId, reason: why.reason, nowMs });
  }

  /** A decision, and the verdicts and levels that came of it. Also when its record is processed again. */
  announce(
    occasion: Occasion,
    state: SessionState,
    decision: StoredDecision,
    nowMs: number,
    level = this.#heldNow(state, nowMs),
  ): void {
    const { announcer } = this.#parts;
    const { allowed, reason } = decision;
    const eventId = session.decidedEventId(state, decision);
    announcer.decision(occasion, state, decision, nowMs);
    for (const name of [...decision.replaced, ...decision.ended]) {
      const other = this.#parts.state.session({ ...state, session: name });
      if (other?.barredBy === eventId) this.announceEnded(other, eventId, nowMs, level);
    }
    if (state.barredBy === eventId) announcer.stop(state, nowMs);
    // Not when it is announced again after the grace has ended.
    else if (decision.graceUntil !== null && state.isWarned) announcer.grace(state, 'WARN', decision, nowMs);
    // History holds no slot.
    if (!decision.checked) return;
    if (occasion !== 'CHECK') this.level(allowed ? 'ADMITTED' : 'DENIED', state, { eventId, reason, nowMs, level });
    else if (!allowed) this.level('KILLED', state, { eventId, reason, nowMs, level });
  }

  /** A stream that the decision on another one has ended, by the record `eventId`. */
  announceEnded(state: SessionState, eventId: string, nowMs: number, level = this.#heldNow(state, nowMs)): void {
    this.#parts.announcer.stop(state, nowMs);
    this.level('KILLED', state, { eventId, reason: state.endReason, nowMs, level });
  }

  /** The end of a lease, which the wall clock announces. */
  lapsed(state: SessionState, wallMs: number): void {
    const eventId = nativeEventId({ session: state.session, type: 'LAPSED', sequence: state.leaseExpiresAt });
    this.level('LAPSED', state, { eventId, reason: 'lease-expired', nowMs: wallMs });
  }

  /** How many streams the account has, after something happened to one of them. */
  level(type: LevelChange, state: SessionState, { eventId, reason, nowMs, level }: LevelCause): void {
    const limit = this.#parts.state.limit(state);
    const streams = level ?? this.#heldNow(state, nowMs);
    this.#parts.announcer.level({ type, eventId, state, limit, level: streams, reason }, nowMs);
  }

  /**
   * What a record ended before a crash that left nothing of its decision, so that nobody was told. It is decided as if they
   * lived: they still make the room that they made then, and are told to stop. To find them all sessions of the account are
   * read, so only of a record that may come again.
   */
  #endedBefore(by: SessionState, { eventId, receivedTime }: PlaybackHeartbeat): readonly SessionState[] {
    const { restoredMs, state } = this.#parts;
    if (receivedTime > restoredMs) return [];
    return state.sessions(by).filter((other) => other.barredBy === eventId && other.session !== by.session);
  }

  #refusedUnread(state: SessionState, report: PlaybackHeartbeat, nowMs: number): Answer | undefined {
    const { options, state: store } = this.#parts;
    const leases = store.liveLeases(state, nowMs) ?? [];
    return refusedUnread(state, report, { leases, book: options.book, plan: store.limit(state).plan });
  }

  #ask(
    state: SessionState,
    report: PlaybackHeartbeat,
    others: readonly SessionState[],
    isRunning: boolean,
    nowMs: number,
  ): Answer {
    const {
      options: { book },
      state: store,
    } = this.#parts;
    const remembered = (): readonly SessionState[] =>
      store.sessions(state).filter((other) => other.session !== state.session);
    const known = { others, remembered, kept: store.kept(state), limit: store.limit(state) };
    return decide(state, report, { ...known, book, nowMs }, isRunning);
  }

  /** How many of the account's streams hold a slot. */
  #heldNow(whose: SessionState, nowMs: number): number {
    const { options, state } = this.#parts;
    const leases = state.liveLeases(whose, nowMs);
    const isExemptCounted = decisiveRules(options.book.active(whose.tenant)).some(({ exempt }) => exempt === 'count');
    if (leases !== undefined && !isExemptCounted) return leases.filter(({ exempt }) => !exempt).length;
    return this.#held(whose, state.liveSessions(whose, nowMs));
  }

  /** Of these. Only exempt ones are asked about: of others it is known. */
  #held(whose: SessionState, live: readonly SessionState[]): number {
    const exempt = live.filter(({ facts }) => facts?.exempt === true);
    if (exempt.length === 0) return live.length;
    const { options, state } = this.#parts;
    const { plan } = state.limit(whose);
    const counted = exempt.map((one) => countedStream(one, plan));
    return live.length - exempt.length + slotsHeld(counted, options.book.active(whose.tenant));
  }

  /** Bars what the start replaces and what makes room for it. */
  #end({ replaced, ended }: Answer, { session: by, ...whose }: SessionState, eventId: string, nowMs: number): void {
    const endings = [
      ...replaced.map((name) => ({ session: name, reason: 'replaced', endedBy: by })),
      ...ended.map(({ session: name, by: chooser }) =>
        chooser === 'viewer'
          ? { session: name, reason: 'viewer-choice', endedBy: 'viewer' }
          : { session: name, reason: 'newer-stream', endedBy: by },
      ),
    ];
    for (const { session: name, reason, endedBy } of endings) {
      const other = this.#parts.state.session({ ...whose, session: name });
      if (other === null) continue;
      this.#parts.put(session.bar(other, { reason, endedBy, eventId }, nowMs), nowMs);
      this.#parts.options.metrics.ended(reason);
    }
  }

  /** An admitted session with the times at which it is judged again; the verdict of one whose grace has ended well is continue again. */
  #judged(state: SessionState, answer: Answer, decision: StoredDecision, nowMs: number): SessionState {
    const { judgeAt = null, judgeAtBeats = null, graceUntil } = answer;
    if (state.isWarned && graceUntil === undefined) this.#parts.announcer.grace(state, 'CONTINUE', decision, nowMs);
    return { ...state, judgeAt, judgeAtBeats, isWarned: graceUntil !== undefined };
  }

  #count(occasion: Occasion, decision: StoredDecision, hindsight: boolean): void {
    const { metrics } = this.#parts.options;
    metrics.decided(occasion, decision.allowed ? undefined : (decision.reason ?? 'denied'));
    if (rulesOf(decision).some(({ shadow, allowed }) => shadow && !allowed)) metrics.shadowDenials++;
    if (hindsight) metrics.uncheckedOverLimit++;
  }
}

/** True when what was decided on a session says that there was no place for it. One that was over already took none. */
export const exceeds = ({ allowed, reason }: StoredDecision): boolean => !allowed && reason !== REFUSED_ENDED.reason;

/** The session with its decision. A grace stays known when later decisions take this one's place, so that none is given twice. */
function decided(occasion: Occasion, state: SessionState, decision: StoredDecision): SessionState {
  const kept = { ...state, graceUntil: decision.graceUntil ?? state.graceUntil, end: [] };
  return occasion === 'ADMISSION' ? { ...kept, start: decision } : { ...kept, reopening: decision };
}

/** True when a record is processed again that had ended a stream: it was received before that, and the stream had a lease. */
function isEndedAgain(
  { barredBy, barredAt, leaseExpiresAt }: SessionState,
  { eventId, receivedTime }: Pick<PlaybackHeartbeat, 'eventId' | 'receivedTime'>,
): boolean {
  return barredBy === eventId && barredAt !== null && receivedTime <= barredAt && leaseExpiresAt > barredAt;
}

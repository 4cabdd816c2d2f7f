import { accountKey, sessionKey } from '@playhead/event-schemas';
import type { DecisionType, PlaybackDecision, PlaybackHeartbeat, PlaybackVerdict } from '@playhead/event-schemas';
import { NO_HEADERS } from '@playhead/stream-core';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { decideAdmission } from './admission-policy.ts';
import type { Admission } from './admission-policy.ts';
import { decisionRecord, stopVerdict, storedDecision, terminationRecord, uncheckedDecision } from './announcements.ts';
import { GuardState } from './guard-state.ts';
import type { DefaultPlan } from './guard-state.ts';
import { leaseMs } from './lease.ts';
import type { LeaseSettings } from './lease.ts';
import * as session from './session-state.ts';
import type { AccountState } from './stored-account.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';

/** Sessions that one tick looks at, so that it never holds up records for long; the rest waits for the next. */
const MAX_SESSIONS_PER_TICK = 5000;

/** Names within the topology: the stores, and the sinks that this processor forwards to. */
export const STORES = { accounts: 'accounts', sessions: 'sessions' } as const;
export const SINKS = { verdicts: 'verdicts', decisions: 'decisions' } as const;

/** How the guard decides. */
export interface GuardOptions {
  readonly defaultPlan: DefaultPlan;
  readonly lease: LeaseSettings;
  /** How often the wall clock is looked at for leases that are over. */
  readonly sweepIntervalMs: number;
  /** True when what stood in the log at start-up has been processed: before that a beat may still be to come for a lease that looks over. */
  readonly caughtUp: () => boolean;
}

type Outgoing = PlaybackVerdict | PlaybackDecision | null;

/**
 * Decides on everything that opens, keeps or ends a stream, in the order of the log. The time of a decision is the
 * greatest received time seen in the partition (`#nowMs`); the wall clock only announces and forgets.
 *
 * A record that is processed again after a crash finds its effect in the state: a counted report changes nothing, a
 * decision is kept. What it had announced is announced again, because that may not have reached Kafka.
 */
export class GuardProcessor implements Processor<string, PlaybackHeartbeat | null, string, Outgoing> {
  readonly #options: GuardOptions;
  #context!: ProcessorContext<string, Outgoing>;
  #state!: GuardState;
  #nowMs = -1;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  init(context: ProcessorContext<string, Outgoing>): void {
    this.#context = context;
    this.#state = new GuardState(
      context.getStateStore<KeyValueStore<string, AccountState>>(STORES.accounts),
      context.getStateStore<KeyValueStore<string, SessionState>>(STORES.sessions),
      this.#options.defaultPlan,
    );
    this.#nowMs = this.#state.restore();
    context.schedule(this.#options.sweepIntervalMs, 'WALL_CLOCK_TIME', (wallMs) => this.#sweep(wallMs));
  }

  process({ key, value: report }: StreamRecord<string, PlaybackHeartbeat | null>): void {
    if (report === null) {
      return;
    }
    if (key !== accountKey(report.tenant, report.account)) {
      throw new RangeError(`the record of account ${report.tenant}/${report.account} has the key ${key}`);
    }
    this.#nowMs = Math.max(this.#nowMs, report.receivedTime);
    const known = this.#state.session(report);
    switch (report.type) {
      case 'START':
        this.#start(known, report);
        break;
      case 'BEAT':
      case 'EVIDENCE':
        this.#signOfLife(known, report);
        break;
      case 'STOP':
        this.#put(session.stop(this.#seen(known, report), report.endReason));
        break;
      case 'TERMINATE':
        this.#terminate(known, report);
        break;
      case 'UNCHECKED':
      case 'UNKNOWN':
        // A type of a later version: it opens and ends nothing here.
        break;
    }
  }

  #start(known: SessionState | null, report: PlaybackHeartbeat): void {
    if (known?.start?.eventId === report.eventId) {
      this.#announce('ADMISSION', known, known.start);
      return;
    }
    const state = this.#seen(known, report);
    if (report.late) {
      const start = uncheckedDecision(report, this.#state.limit(report), this.#nowMs);
      this.#put({ ...state, start });
      this.#announce('ADMISSION', state, start);
      return;
    }
    this.#admit('ADMISSION', state, report);
  }

  #signOfLife(known: SessionState | null, report: PlaybackHeartbeat): void {
    const state = session.countReport(known ?? session.newSession(report, this.#nowMs), report);
    if (state === undefined) {
      if (known?.reopening?.eventId === report.eventId) {
        this.#announce('IMPLICIT_ADMISSION', known, known.reopening);
      }
      return;
    }
    const { eventId } = report;
    if (known === null && !report.late && this.#state.mayHaveEnded(report)) {
      const barred = session.bar(state, { reason: 'forgotten', endedBy: null, eventId }, this.#nowMs);
      this.#put(barred);
      this.#forwardVerdict(barred);
      return;
    }
    const { phase } = state;
    if (report.late || phase === 'BARRED' || phase === 'STOPPED') {
      this.#put(state);
      return;
    }
    const finalState = session.finalStateOf(state, report);
    if (finalState !== undefined) {
      this.#put(session.finish(state, finalState));
      return;
    }
    if (phase === 'FINISHED' && !session.reopensFinished(state, report)) {
      this.#put(state);
      return;
    }
    if (session.isLive(state, this.#nowMs)) {
      this.#put(session.openLease(state, this.#nowMs, leaseMs(report, this.#options.lease)));
      return;
    }
    this.#admit('IMPLICIT_ADMISSION', state, report);
  }

  #terminate(known: SessionState | null, report: PlaybackHeartbeat): void {
    // Somebody else's record: no sign of life of the session.
    const state = known ?? session.newSession(report, this.#nowMs);
    const why = { reason: report.endReason ?? 'terminated', endedBy: report.endedBy, eventId: report.eventId };
    // The first verdict stop stands, with its reason.
    const barred = state.phase === 'BARRED' ? state : session.bar(state, why, this.#nowMs);
    this.#put(barred);
    this.#forwardDecision(terminationRecord(barred, report, this.#nowMs));
    this.#forwardVerdict(barred);
  }

  /** Decides on a slot for a session that has none, and carries it out. */
  #admit(type: 'ADMISSION' | 'IMPLICIT_ADMISSION', state: SessionState, report: PlaybackHeartbeat): void {
    const nowMs = this.#nowMs;
    const { eventId } = report;
    const limit = this.#state.limit(state);
    const live = this.#state.liveSessions(state, nowMs);
    const isOver = state.phase === 'BARRED' || state.phase === 'STOPPED';
    const admission = isOver ? refuseEnded(live) : decideAdmission(state, live, limit.maxStreams);
    const decision = storedDecision(report, admission, limit, nowMs);
    for (const replaced of admission.replaced) {
      this.#put(session.bar(replaced, { reason: 'replaced', endedBy: state.session, eventId }, nowMs));
    }
    const decided = { ...state, [type === 'ADMISSION' ? 'start' : 'reopening']: decision };
    const next = admission.allowed
      ? session.openLease(decided, nowMs, leaseMs(report, this.#options.lease))
      : isOver
        ? decided
        : session.bar(decided, { reason: admission.reason ?? 'denied', endedBy: null, eventId }, nowMs);
    this.#put(next);
    this.#announce(type, next, decision);
  }

  /** A decision, and the verdicts that came of it. */
  #announce(type: DecisionType, state: SessionState, decision: StoredDecision): void {
    this.#forwardDecision(decisionRecord(type, state, decision));
    const replaced = decision.replaced.map((other) => this.#state.session({ ...state, session: other }));
    for (const barred of [state, ...replaced]) {
      if (barred?.barredBy === decision.eventId) {
        this.#forwardVerdict(barred);
      }
    }
  }

  #seen(known: SessionState | null, report: PlaybackHeartbeat): SessionState {
    return known === null ? session.newSession(report, this.#nowMs) : { ...known, ...session.seen(known, report) };
  }

  #put(state: SessionState): void {
    const evicted = this.#state.put(state, this.#nowMs);
    if (evicted !== undefined) {
      this.#forwardForgotten(evicted, this.#nowMs);
    }
  }

  #sweep(wallMs: number): void {
    if (!this.#options.caughtUp()) {
      return;
    }
    for (const state of this.#state.due(wallMs, MAX_SESSIONS_PER_TICK)) {
      if (session.forgetMs(state) <= wallMs) {
        this.#state.forget(state, wallMs);
        this.#forwardForgotten(state, wallMs);
      } else {
        this.#state.put(session.lapse(state), wallMs);
      }
    }
  }

  #forwardForgotten(state: SessionState, timestamp: number): void {
    if (state.phase === 'BARRED') {
      this.#context.forward({ key: keyOf(state), value: null, timestamp, headers: NO_HEADERS }, SINKS.verdicts);
    }
  }

  #forwardVerdict(state: SessionState): void {
    this.#context.forward(
      { key: keyOf(state), value: stopVerdict(state), timestamp: this.#nowMs, headers: NO_HEADERS },
      SINKS.verdicts,
    );
  }

  #forwardDecision(value: PlaybackDecision): void {
    const key = accountKey(value.tenant, value.account);
    this.#context.forward({ key, value, timestamp: this.#nowMs, headers: NO_HEADERS }, SINKS.decisions);
  }
}

/** A start of a session that has ended for good. */
function refuseEnded(live: readonly SessionState[]): Admission<SessionState> {
  return { allowed: false, reason: 'session-ended', current: live.length, replaced: [], conflicts: [] };
}

function keyOf({ tenant, account, session }: SessionState): string {
  return sessionKey(tenant, account, session);
}

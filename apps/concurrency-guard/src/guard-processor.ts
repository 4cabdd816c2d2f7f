import { accountKey, parseSessionKey } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { Admissions, exceeds } from './admissions.ts';
import { AnnouncedAgain } from './announced-again.ts';
import { lastGraceUntil } from './decide.ts';
import { GuardAnnouncer } from './guard-announcer.ts';
import type { Outgoing } from './guard-announcer.ts';
import type { GuardOptions } from './guard-options.ts';
import { GuardState } from './guard-state.ts';
import { decisiveRules } from './policies/active-policy.ts';
import { isAbout, isFreeByPause } from './policies/counted-stream.ts';
import * as session from './session-state.ts';
import type { AccountState } from './stored-account.ts';
import type { SessionState, StoredSession } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';
import { hasTwoPlayers, tracePlayers } from './two-players.ts';

/** Sessions that one tick looks at, so that it never holds up records for long; the rest waits for the next. */
const MAX_SESSIONS_PER_TICK = 5000;

/**
 * Before these it is asked whether a crash left the session half. Of a beat it is asked only when it was counted before:
 * asking costs a look at the account, and beats are most records.
 */
const CHANGES: ReadonlySet<PlaybackHeartbeat['type']> = new Set(['START', 'STOP', 'TERMINATE', 'UNCHECKED']);

/** Why a session is told to stop whose player goes on after its own stop. */
const PLAYED_ON = 'played-on-after-stop';

/** Names of the stores within the topology. */
export const STORES = { accounts: 'accounts', sessions: 'sessions' } as const;

/**
 * Decides on everything that opens, keeps or ends a stream, in the order of the log. The time of a decision is the
 * greatest received time seen in the partition (`#nowMs`); the wall clock only announces and forgets.
 *
 * A record that is processed again after a crash finds its effect in the state: a counted report changes nothing, a
 * decision is kept. What it had announced is announced again, because that may not have reached Kafka. Of a session that
 * a crash left half nothing was answered yet, and all its records come again: it begins anew.
 */
export class GuardProcessor implements Processor<string, PlaybackHeartbeat | null, string, Outgoing> {
  readonly #options: GuardOptions;
  #context!: ProcessorContext<string, Outgoing>;
  #announcer!: GuardAnnouncer;
  #admissions!: Admissions;
  #again!: AnnouncedAgain;
  #state!: GuardState;
  #nowMs = -1;
  /** Keys of sessions whose lapse is to be announced once more. */
  #lapsedBefore: string[] = [];

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  init(context: ProcessorContext<string, Outgoing>): void {
    this.#context = context;
    this.#announcer = new GuardAnnouncer(context);
    this.#state = new GuardState(
      context.getStateStore<KeyValueStore<string, AccountState>>(STORES.accounts),
      context.getStateStore<KeyValueStore<string, StoredSession>>(STORES.sessions),
      this.#options.defaultPlan,
    );
    const { logTimeMs, lapsed } = this.#state.restore();
    this.#nowMs = logTimeMs;
    // How long the first record waits that is not processed is told from here.
    const { processed } = this.#options.metrics;
    if (logTimeMs >= 0) processed.set(context.partition, Math.max(logTimeMs, processed.get(context.partition) ?? 0));
    this.#lapsedBefore = [...lapsed];
    this.#admissions = new Admissions({
      options: this.#options,
      state: this.#state,
      announcer: this.#announcer,
      restoredMs: logTimeMs,
      put: (state, nowMs) => this.#put(state, nowMs),
    });
    this.#again = new AnnouncedAgain({ state: this.#state, announcer: this.#announcer, admissions: this.#admissions });
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
    this.#measure(report);
    const found = this.#state.session(report);
    const known = CHANGES.has(report.type) ? this.#whole(found) : found;
    switch (report.type) {
      case 'START':
        this.#start(known, report);
        break;
      case 'BEAT':
      case 'EVIDENCE':
        this.#signOfLife(known, report);
        break;
      case 'STOP':
        this.#stop(known, report);
        break;
      case 'TERMINATE':
        this.#terminate(known, report);
        break;
      case 'UNCHECKED':
        this.#unchecked(known, report);
        break;
      case 'UNKNOWN':
        // A type of a later version: it opens and ends nothing here.
        break;
    }
  }

  #start(known: SessionState | null, report: PlaybackHeartbeat): void {
    if (known !== null && known.start !== null && session.decidedEventId(known, known.start) === report.eventId) {
      this.#again.start(known, known.start, this.#nowMs);
      return;
    }
    const state = this.#seen(known, report);
    if (report.late || report.downloaded) {
      this.#admissions.record(state, report, this.#nowMs);
      return;
    }
    this.#admissions.decide('ADMISSION', state, report, this.#nowMs);
  }

  #signOfLife(known: SessionState | null, report: PlaybackHeartbeat): void {
    const before = known ?? session.newSession(report, this.#nowMs);
    const counted = session.countReport(before, report);
    const plays = tracePlayers(before, report, counted === undefined);
    if (counted === undefined) {
      if (known !== null && this.#whole(known) === null) {
        this.#signOfLife(null, report);
        return;
      }
      this.#repeated({ ...before, plays }, plays !== before.plays, report);
      return;
    }
    const state = session.withPause({ ...counted, plays }, report, this.#nowMs);
    if (known === null && !report.late && this.#state.mayHaveEnded(report, this.#nowMs)) {
      const why = { reason: 'forgotten', endedBy: null, eventId: report.eventId };
      const barred = session.bar(state, why, this.#nowMs);
      this.#put(barred, this.#nowMs);
      this.#announcer.stop(barred, this.#nowMs);
      return;
    }
    const { phase, tenant } = state;
    if (phase === 'STOPPED' && session.playsOn(state, report, this.#admissions.leaseSettings(tenant).graceMs)) {
      this.#options.metrics.ended(PLAYED_ON);
      this.#admissions.end(state, { ...report, reason: PLAYED_ON, endedBy: null }, this.#nowMs);
      return;
    }
    if (report.late || phase === 'BARRED' || phase === 'STOPPED') {
      this.#put(state, this.#nowMs);
      return;
    }
    if (hasTwoPlayers(state)) {
      this.#options.metrics.twoPlayers++;
      this.#admissions.end(state, { ...report, reason: 'two-players', endedBy: null }, this.#nowMs);
      return;
    }
    const finalState = session.finalStateOf(state, report);
    if (finalState !== undefined) {
      this.#over(session.finish(state, finalState), known, report);
      return;
    }
    // A download holds no slot: its reports are counted and open nothing.
    if (state.facts?.downloaded === true || (phase === 'FINISHED' && !session.reopensFinished(state, report))) {
      this.#put(state, this.#nowMs);
      return;
    }
    if (session.isLive(state, this.#nowMs)) this.#goOn(state, before, report);
    else this.#admissions.decide('IMPLICIT_ADMISSION', state, report, this.#nowMs);
  }

  /** A stream that runs: its lease is renewed, and it is judged again when that is due. */
  #goOn(state: SessionState, before: SessionState, report: PlaybackHeartbeat): void {
    // Its end was announced too early: the log was behind the wall clock.
    if (before.phase === 'LAPSED') {
      this.#admissions.level('ADMITTED', state, { eventId: report.eventId, reason: null, nowMs: this.#nowMs });
    }
    if (this.#isToBeJudged(state, before)) this.#admissions.decide('CHECK', state, report, this.#nowMs);
    else this.#put(this.#admissions.open(state, report, this.#nowMs), this.#nowMs);
  }

  /** At the end of a warm-up or grace, and when a stream goes on whose pause had freed its slot. */
  #isToBeJudged(state: SessionState, { pausedSince }: SessionState): boolean {
    if (session.isJudgementDue(state, this.#nowMs)) return true;
    if (pausedSince === null || state.pausedSince !== null) return false;
    const paused = countedStream({ ...state, pausedSince }, this.#state.limit(state).plan);
    return decisiveRules(this.#options.book.active(state.tenant)).some(
      (rule) => isAbout(rule, paused) && isFreeByPause(rule, paused, this.#nowMs),
    );
  }

  /** A report that was counted before: it keeps nothing alive. What it brought is announced again. */
  #repeated(state: SessionState, isTraced: boolean, report: PlaybackHeartbeat): void {
    if (isTraced) this.#put(state, this.#nowMs);
    this.#again.signOfLife(state, report, this.#nowMs);
  }

  #stop(known: SessionState | null, report: PlaybackHeartbeat): void {
    this.#over(session.stop(this.#seen(known, report), report), known, report);
    if (known?.phase === 'STOPPED' || typeof known?.stoppedAt === 'number')
      this.#again.stop(known, report, this.#nowMs);
  }

  /** Its own end: the slot is free at once. That the lease ends then tells a repeat that it had one. */
  #over(state: SessionState, known: SessionState | null, { eventId, receivedTime }: PlaybackHeartbeat): void {
    // Where the log is further, a lease that ended in that very millisecond counts as ended by it: a repeat cannot tell the two apart.
    const untilMs = known?.leaseExpiresAt === receivedTime ? receivedTime - 1 : this.#nowMs;
    // A lease whose end nobody has announced is over by this: nothing else would ever say that the level fell.
    const wasLive = known !== null && (session.isLive(known, untilMs) || session.holdsLease(known));
    this.#put(wasLive ? { ...state, leaseExpiresAt: receivedTime } : state, this.#nowMs);
    if (wasLive) this.#admissions.level('STOPPED', state, { eventId, reason: null, nowMs: this.#nowMs });
  }

  #terminate(known: SessionState | null, report: PlaybackHeartbeat): void {
    // Somebody else's record: no sign of life of the session.
    const state = known ?? session.newSession(report, this.#nowMs);
    const reason = report.endReason ?? 'terminated';
    this.#admissions.end(state, { ...report, reason }, this.#nowMs);
  }

  /** The gateway admitted the start by the fail rule. What was, or will be, decided on it says whether that exceeded a limit. */
  #unchecked(known: SessionState | null, report: PlaybackHeartbeat): void {
    const state = { ...this.#seen(known, report), isUnchecked: true };
    // Its first beat may have been decided on before, by way of another gateway, while the start waited on disk.
    const decision = session.firstDecision(state);
    const exceeded = decision !== null && exceeds(decision);
    this.#put({ ...state, exceeded: exceeded || state.exceeded }, this.#nowMs);
    if (known?.isUnchecked !== true) {
      this.#options.metrics.uncheckedAdmissions++;
      if (exceeded) this.#options.metrics.uncheckedOverLimit++;
    }
    if (decision !== null) this.#announcer.decision('CHECK', state, decision, this.#nowMs);
  }

  /** What is known of a session; one of which a crash left half is forgotten. */
  #whole(known: SessionState | null): SessionState | null {
    if (known === null || this.#state.isWhole(known)) return known;
    this.#state.forget(known, this.#nowMs);
    return null;
  }

  #seen(known: SessionState | null, report: PlaybackHeartbeat): SessionState {
    return known === null ? session.newSession(report, this.#nowMs) : { ...known, ...session.seen(known, report) };
  }

  #put(state: SessionState, nowMs: number): void {
    // A warning is taken back when there is nothing left to warn; a verdict stop takes its place.
    const isUnwarned = state.isWarned && state.phase !== 'OPEN';
    if (isUnwarned && state.phase !== 'BARRED') this.#announcer.forgotten(state, nowMs);
    for (const evicted of this.#state.put(isUnwarned ? { ...state, isWarned: false } : state, nowMs)) {
      if (mayHaveVerdict(evicted)) this.#announcer.forgotten(evicted, nowMs);
    }
  }

  #sweep(wallMs: number): void {
    if (!this.#options.caughtUp()) {
      return;
    }
    for (const key of this.#lapsedBefore.splice(0, MAX_SESSIONS_PER_TICK)) {
      const state = this.#state.session(parseSessionKey(key));
      if (state?.phase === 'LAPSED') this.#again.lapse(state, wallMs);
    }
    for (const state of this.#state.due(wallMs, MAX_SESSIONS_PER_TICK)) {
      // Also of one whose ticket has expired the end of the lease is told first; the next tick forgets it.
      if (session.holdsLease(state)) {
        this.#lapse(state, wallMs);
      } else {
        this.#state.forget(state, wallMs);
        if (mayHaveVerdict(state)) this.#announcer.forgotten(state, wallMs);
      }
    }
  }

  #lapse(state: SessionState, wallMs: number): void {
    this.#put(session.lapse(state), wallMs);
    this.#options.metrics.lapses++;
    this.#admissions.lapsed(state, wallMs);
  }

  #measure({ type, gateway, receivedTime, late }: PlaybackHeartbeat): void {
    if (late) return;
    const { metrics } = this.#options;
    metrics.processed.set(this.#context.partition, receivedTime);
    if (gateway === null && type !== 'START') return;
    const wallMs = this.#context.currentSystemTimeMs();
    if (gateway !== null) metrics.clocks.seen(gateway, receivedTime, wallMs);
    if (type === 'START') metrics.delayed(wallMs - receivedTime);
  }
}

/** True when `playback.verdicts` may have one on the session: stop, or continue after a grace. A tombstone too many does no harm. */
const mayHaveVerdict = (state: SessionState): boolean => state.phase === 'BARRED' || lastGraceUntil([state]) > 0;

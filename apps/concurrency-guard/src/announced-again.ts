import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Admissions } from './admissions.ts';
import { lastGraceUntil } from './decide.ts';
import type { GuardAnnouncer } from './guard-announcer.ts';
import type { GuardState } from './guard-state.ts';
import { finalStateOf } from './session-state.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';

/** What a record announces that is processed again. */
export interface AnnouncedAgainParts {
  readonly state: GuardState;
  readonly announcer: GuardAnnouncer;
  readonly admissions: Admissions;
}

/**
 * What a record had announced may not have reached Kafka before a crash, so it is announced again when the record is
 * processed again, as far as the state still tells. The record of a decision that a later one of its session has taken the
 * place of is the one thing it does not.
 */
export class AnnouncedAgain {
  readonly #parts: AnnouncedAgainParts;

  constructor(parts: AnnouncedAgainParts) {
    this.#parts = parts;
  }

  /** A start that was decided before. */
  start(state: SessionState, decision: StoredDecision, nowMs: number): void {
    this.#parts.admissions.announce('ADMISSION', state, decision, nowMs);
    this.#unwarned(state, decision, nowMs);
  }

  /** A stop of a session that had stopped before, whatever ended it for good since. */
  stop(state: SessionState, report: PlaybackHeartbeat, nowMs: number): void {
    if (isSentAgain(state, report)) return;
    this.#unwarned(state, state.reopening ?? state.start, nowMs);
    this.#freed(state, report, nowMs);
  }

  /** Announces once more the end of a lease, and takes back a warning, as the wall clock did before the task began. */
  lapse(state: SessionState, wallMs: number): void {
    if (lastGraceUntil([state]) > 0) this.#parts.announcer.forgotten(state, wallMs);
    this.#parts.admissions.lapsed(state, wallMs);
  }

  /** A sign of life that was counted before. */
  signOfLife(state: SessionState, report: PlaybackHeartbeat, nowMs: number): void {
    const { admissions } = this.#parts;
    const { reopening, barredBy } = state;
    const { eventId, receivedTime } = report;
    if (reopening?.eventId === eventId) {
      admissions.announce(reopening.isCheck ? 'CHECK' : 'IMPLICIT_ADMISSION', state, reopening, nowMs);
      this.#unwarned(state, reopening, nowMs);
      return;
    }
    if (isSentAgain(state, report)) return;
    this.#unwarned(state, reopening ?? state.start, nowMs);
    // Whatever ended the session since; a stop of the same moment freed the slot itself.
    if (state.stoppedAt !== receivedTime && finalStateOf(state, report) !== undefined)
      this.#freed(state, report, nowMs);
    if (barredBy === eventId) this.#ended(state, report, nowMs);
    // Only of a session that has decided since: to look for what it ended all sessions of the account are read.
    else if (reopening !== null && receivedTime <= reopening.decidedTime) this.#othersEnded(state, eventId, nowMs);
  }

  /** The slot that its own end freed, if this is the record by which its lease ended. */
  #freed(state: SessionState, { eventId, receivedTime }: PlaybackHeartbeat, nowMs: number): void {
    if (state.leaseExpiresAt !== receivedTime) return;
    this.#parts.admissions.level('STOPPED', state, { eventId, reason: null, nowMs });
  }

  /** The session was ended by its own report. */
  #ended(state: SessionState, report: PlaybackHeartbeat, nowMs: number): void {
    const { admissions, announcer } = this.#parts;
    if (state.endReason === 'forgotten') announcer.stop(state, nowMs);
    else admissions.end(state, { ...report, reason: state.endReason ?? 'ended', endedBy: state.endedBy }, nowMs);
  }

  /**
   * That a warning was taken back: nothing says by which record, so each of the session's tells it. `decision`: by which it
   * goes on.
   */
  #unwarned(state: SessionState, decision: StoredDecision | null, nowMs: number): void {
    const { isWarned, phase } = state;
    if (decision === null || isWarned || phase === 'BARRED' || lastGraceUntil([state]) === 0) return;
    if (phase === 'OPEN') this.#parts.announcer.grace(state, 'CONTINUE', decision, nowMs);
    else this.#parts.announcer.forgotten(state, nowMs);
  }

  /** What a decision ended that a later one of its session has taken the place of. */
  #othersEnded(by: SessionState, eventId: string, nowMs: number): void {
    for (const other of this.#parts.state.sessions(by)) {
      if (other.barredBy === eventId) this.#parts.admissions.announceEnded(other, eventId, nowMs);
    }
  }
}

/** True for what its player sends again: a record that is processed again was received when the newest report was, or before. */
const isSentAgain = (state: SessionState, { late, receivedTime }: PlaybackHeartbeat): boolean =>
  !late && receivedTime > state.lastSeenAt;

import { accountKey, newConcurrencyLevel, sessionKey } from '@playhead/event-schemas';
import type {
  ConcurrencyLevel,
  DecisionType,
  LevelChange,
  PlaybackDecision,
  PlaybackVerdict,
} from '@playhead/event-schemas';
import { NO_HEADERS } from '@playhead/stream-core';
import type { ProcessorContext } from '@playhead/stream-core';
import { decisionRecord, graceVerdict, stopVerdict } from './announcements.ts';
import type { Limit } from './guard-state.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';

/** Names of the sinks that the guard forwards to. */
export const SINKS = { verdicts: 'verdicts', decisions: 'decisions', concurrency: 'concurrency' } as const;

/** What the guard writes. */
export type Outgoing = PlaybackVerdict | PlaybackDecision | ConcurrencyLevel | null;

/** What changed the level of an account. */
export interface LevelEvent {
  readonly type: LevelChange;
  readonly eventId: string;
  readonly state: SessionState;
  readonly limit: Limit;
  /** Streams that hold a slot now. */
  readonly level: number;
  readonly reason: string | null;
}

/** Writes what was decided: decisions, changes of verdicts, and levels. */
export class GuardAnnouncer {
  readonly #context: ProcessorContext<string, Outgoing>;

  constructor(context: ProcessorContext<string, Outgoing>) {
    this.#context = context;
  }

  decision(type: DecisionType, state: SessionState, decision: StoredDecision, nowMs: number): void {
    this.record(decisionRecord(type, state, decision), nowMs);
  }

  record(value: PlaybackDecision, timestamp: number): void {
    const key = accountKey(value.tenant, value.account);
    this.#context.forward({ key, value, timestamp, headers: NO_HEADERS }, SINKS.decisions);
  }

  /** The verdict stop on a session that is barred. */
  stop(state: SessionState, timestamp: number): void {
    this.#verdict(state, stopVerdict(state), timestamp);
  }

  /** Warn within a grace, continue after it. */
  grace(state: SessionState, verdict: 'WARN' | 'CONTINUE', decision: StoredDecision, timestamp: number): void {
    this.#verdict(state, graceVerdict(state, verdict, decision), timestamp);
  }

  /** Nothing is to be said of the session any more. */
  forgotten(state: SessionState, timestamp: number): void {
    this.#verdict(state, null, timestamp);
  }

  level({ type, eventId, state, limit, level, reason }: LevelEvent, timestamp: number): void {
    const { tenant, account, session, deviceClass, kind, startedAt } = state;
    const value = newConcurrencyLevel({
      eventId,
      type,
      tenant,
      account,
      session,
      deviceClass,
      kind,
      startedAt,
      plan: limit.plan,
      max: limit.maxStreams,
      decidedTime: timestamp,
      level,
      attempted: level + (type === 'DENIED' ? 1 : 0),
      reason,
    });
    const key = accountKey(tenant, account);
    this.#context.forward({ key, value, timestamp, headers: NO_HEADERS }, SINKS.concurrency);
  }

  #verdict(state: SessionState, value: PlaybackVerdict | null, timestamp: number): void {
    const key = sessionKey(state.tenant, state.account, state.session);
    this.#context.forward({ key, value, timestamp, headers: NO_HEADERS }, SINKS.verdicts);
  }
}

import type { FoundSession, SessionView, StreamEvidence, StreamView, Verdict } from '@playhead/event-schemas';
import { lastSequence } from './sequence-set.ts';
import { isLive } from './session-state.ts';
import { lastSeenMs } from './stored-session.ts';
import type { LeaseSource, SessionState } from './stored-session.ts';

/** Sources that only the player, or a device that is trusted, can be behind; NATIVE once it has reported: a back end may have asked for the start. */
const STRONG: ReadonlySet<string> = new Set(['NATIVE', 'CMCD', 'LICENCE_RENEWAL'] satisfies LeaseSource[]);

/** What lookups show of a session at wall-clock time `wallMs`: a lease that is over then is over, announced or not. */
export function sessionView(state: SessionState, wallMs: number): SessionView {
  const { session, beats, events, startedAt, leaseExpiresAt, endedBy } = state;
  const active = isLive(state, wallMs);
  const stopped = state.phase === 'BARRED';
  const endReason = state.endReason ?? (leaseExpiresAt === 0 ? 'no-lease' : 'lease-expired');
  const evidence = active ? evidenceOf(state, wallMs) : [];
  return {
    sessionId: session,
    state: active ? 'active' : 'ended',
    ...(active ? {} : { endReason }),
    ...(active || endedBy === null ? {} : { endedBy }),
    verdict: verdictOf(state, active),
    ...(stopped ? { reason: endReason } : active && state.isWarned ? { reason: 'grace' } : {}),
    lastSequence: lastSequence(state.beatSequences),
    beats,
    events,
    startedAt,
    lastSeenAt: lastSeenMs(state),
    expiresAt: leaseExpiresAt,
    ...(active ? { confidence: confidenceOf(state, evidence), evidence } : {}),
    ...(state.isUnchecked ? { admittedUnchecked: true } : {}),
    ...(state.facts?.downloaded === true ? { downloaded: true } : {}),
  };
}

/** A session as a stream: with what it is and where it plays. */
export function streamView(state: SessionState, wallMs: number): StreamView {
  const { device, deviceClass, profile, content, kind, facts, pausedSince } = state;
  return {
    ...sessionView(state, wallMs),
    device: device ?? '',
    ...(deviceClass === 'UNKNOWN' ? {} : { deviceClass }),
    ...(profile === null ? {} : { profile }),
    content: content ?? '',
    ...(typeof facts?.title === 'string' ? { title: facts.title } : {}),
    kind,
    ...(pausedSince === null ? {} : { paused: true }),
  };
}

/** The account's streams that are active at wall-clock time `wallMs`, oldest first. */
export function streamViews(states: readonly SessionState[], wallMs: number): readonly StreamView[] {
  return states
    .filter((state) => isLive(state, wallMs))
    .sort((a, b) => a.startedAt - b.startedAt)
    .map((state) => streamView(state, wallMs));
}

/** A session as an operator finds it. */
export function foundSession(state: SessionState, wallMs: number): FoundSession {
  return { ...streamView(state, wallMs), account: state.account };
}

function verdictOf({ phase, isWarned }: SessionState, active: boolean): Verdict {
  if (phase === 'BARRED') return 'stop';
  return active && isWarned ? 'warn' : 'continue';
}

function confidenceOf({ beats, events }: SessionState, evidence: readonly StreamEvidence[]): 'high' | 'low' {
  const isStrong = ({ source }: StreamEvidence): boolean =>
    STRONG.has(source) && (source !== 'NATIVE' || beats + events > 0);
  return evidence.some(isStrong) ? 'high' : 'low';
}

function evidenceOf({ leases }: SessionState, wallMs: number): readonly StreamEvidence[] {
  return leases.filter(({ expiresAt }) => expiresAt > wallMs).toSorted((a, b) => b.expiresAt - a.expiresAt);
}

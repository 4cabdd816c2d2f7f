import type { AdmissionDecision, SessionView, StreamView } from '@playhead/event-schemas';
import { lastSequence } from './sequence-set.ts';
import { isLive } from './session-state.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';

/** What lookups show of a session at wall-clock time `wallMs`: a lease that is over then is over, announced or not. */
export function sessionView(state: SessionState, wallMs: number): SessionView {
  const { session, beats, events, startedAt, lastSeenAt, leaseExpiresAt } = state;
  const active = isLive(state, wallMs);
  const stopped = state.phase === 'BARRED';
  const endReason = state.endReason ?? 'lease-expired';
  return {
    sessionId: session,
    state: active ? 'active' : 'ended',
    ...(active ? {} : { endReason }),
    verdict: stopped ? 'stop' : 'continue',
    ...(stopped ? { reason: endReason } : {}),
    lastSequence: lastSequence(state.beatSequences),
    beats,
    events,
    startedAt,
    lastSeenAt,
    expiresAt: leaseExpiresAt,
  };
}

/** The account's streams that are active at wall-clock time `wallMs`, oldest first. */
export function streamViews(states: readonly SessionState[], wallMs: number): readonly StreamView[] {
  return states
    .filter((state) => isLive(state, wallMs))
    .sort((a, b) => a.startedAt - b.startedAt)
    .map((state) => ({
      ...sessionView(state, wallMs),
      device: state.device ?? '',
      content: state.content ?? '',
      kind: state.kind,
    }));
}

/** A stored decision as the gateway gets it. */
export function admissionDecision(decision: StoredDecision): AdmissionDecision {
  const { allowed, reason, current, max, retryAfterMs, conflicts } = decision;
  return {
    decision: allowed ? 'allow' : 'deny',
    ...(reason === null ? {} : { reason }),
    usage: { current, max },
    conflicts: conflicts.map(({ session, device, content, startedAt, lastSeenAt }) => ({
      sessionId: session,
      device: device ?? '',
      content: content ?? '',
      startedAt,
      lastSeenAt,
    })),
    ...(allowed || retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

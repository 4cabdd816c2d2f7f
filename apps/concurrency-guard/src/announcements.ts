import { newPlaybackDecision, newPlaybackVerdict } from '@playhead/event-schemas';
import type { DecisionType, PlaybackDecision, PlaybackHeartbeat, PlaybackVerdict } from '@playhead/event-schemas';
import type { Admission } from './admission-policy.ts';
import type { Limit } from './guard-state.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';

/** The policy that stands for the limit of the plan until there are policies as data. */
const PLAN_LIMIT_POLICY = 'plan-limit';

/** A decision as it is stored. */
export function storedDecision(
  report: PlaybackHeartbeat,
  admission: Admission<SessionState>,
  { plan, maxStreams }: Limit,
  nowMs: number,
): StoredDecision {
  const { allowed, reason, current, conflicts, replaced } = admission;
  const firstLeaseEnd = Math.min(...conflicts.map(({ leaseExpiresAt }) => leaseExpiresAt));
  return {
    eventId: report.eventId,
    receivedTime: report.receivedTime,
    decidedTime: nowMs,
    allowed,
    reason: reason ?? null,
    checked: true,
    plan,
    current,
    max: maxStreams,
    retryAfterMs: conflicts.length === 0 ? null : firstLeaseEnd - nowMs,
    conflicts: conflicts.map(({ session, device, content, startedAt, lastSeenAt }) => {
      return { session, device, content, startedAt, lastSeenAt };
    }),
    replaced: replaced.map(({ session }) => session),
  };
}

/** What is stored of a start that came late: it is history, and nothing was asked. */
export function uncheckedDecision(
  report: PlaybackHeartbeat,
  { plan, maxStreams }: Limit,
  nowMs: number,
): StoredDecision {
  const { eventId, receivedTime } = report;
  return {
    eventId,
    receivedTime,
    plan,
    decidedTime: nowMs,
    allowed: true,
    reason: null,
    checked: false,
    current: 0,
    max: maxStreams,
    retryAfterMs: null,
    conflicts: [],
    replaced: [],
  };
}

/** The record of a stored decision on `playback.decisions`. */
export function decisionRecord(type: DecisionType, state: SessionState, decision: StoredDecision): PlaybackDecision {
  const { allowed, max, ...stored } = decision;
  const outcome = allowed ? 'ALLOW' : 'DENY';
  return newPlaybackDecision({
    ...whose(state),
    ...stored,
    type,
    max,
    decision: outcome,
    policies: [
      {
        policy: PLAN_LIMIT_POLICY,
        version: 1,
        outcome,
        current: stored.current,
        max,
        rule: 'streams',
        shadow: false,
        strategy: 'block-new',
        group: null,
      },
    ],
  });
}

/** The record of a termination on `playback.decisions`. */
export function terminationRecord(state: SessionState, report: PlaybackHeartbeat, nowMs: number): PlaybackDecision {
  return newPlaybackDecision({
    ...whose(state),
    eventId: report.eventId,
    type: 'TERMINATION',
    receivedTime: report.receivedTime,
    decidedTime: nowMs,
    decision: 'DENY',
    reason: report.endReason,
    endedBy: report.endedBy,
  });
}

/** The record of a verdict stop on `playback.verdicts`. Throws for a session that is not barred. */
export function stopVerdict(state: SessionState): PlaybackVerdict {
  const { tenant, account, session, device, content, barredBy, barredAt, endReason, endedBy, ticketExpiresAt } = state;
  if (barredBy === null || barredAt === null) {
    throw new TypeError(`session ${session} is ${state.phase}, its verdict is not stop`);
  }
  return newPlaybackVerdict({
    tenant,
    account,
    session,
    device,
    content,
    endedBy,
    ticketExpiresAt,
    eventId: barredBy,
    verdict: 'STOP',
    reason: endReason,
    policy: PLAN_LIMIT_POLICY,
    policyVersion: 1,
    decidedTime: barredAt,
  });
}

function whose({
  tenant,
  account,
  session,
  profile,
  device,
  content,
  kind,
}: SessionState): Pick<SessionState, 'tenant' | 'account' | 'session' | 'profile' | 'device' | 'content' | 'kind'> {
  return { tenant, account, session, profile, device, content, kind };
}

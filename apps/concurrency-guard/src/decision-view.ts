import type {
  AdmissionDecision,
  Conflict,
  Explanation,
  HistoryEntry,
  PolicyStrategy,
  RuleEvaluation,
} from '@playhead/event-schemas';
import { maxOf, rulesOf } from './announcements.ts';
import type { UsageLine } from './policies/usage.ts';
import { isLive } from './session-state.ts';
import { lastSeenMs } from './stored-session.ts';
import type { SessionState, StoredConflict, StoredDecision, StoredRule } from './stored-session.ts';

/** Says more of the streams in the way of a refused start, where they are still known. */
export interface ConflictDetails {
  readonly sessionOf: (session: string) => SessionState | undefined;
  /** Titles and profiles may be named to the viewer. */
  readonly showTitles: boolean;
}

const NO_DETAILS: ConflictDetails = { sessionOf: () => undefined, showTitles: false };

/** A stored decision as the gateway gets it. */
export function admissionDecision(decision: StoredDecision, details: ConflictDetails = NO_DETAILS): AdmissionDecision {
  const { allowed, reason, current, retryAfterMs, conflicts, policy, rule, mayEnd, graceUntil } = decision;
  const ended = [...decision.replaced, ...decision.ended];
  return {
    decision: allowed ? 'allow' : 'deny',
    ...(reason === null ? {} : { reason }),
    usage: { current, max: maxOf(decision) },
    conflicts: conflicts.map((conflict) => conflictView(conflict, details)),
    ...(allowed || retryAfterMs === null ? {} : { retryAfterMs }),
    ...(policy === null ? {} : { policy }),
    ...(rule === null ? {} : { rule }),
    ...(mayEnd ? { mayEnd } : {}),
    ...(ended.length === 0 ? {} : { ended }),
    ...(graceUntil === null ? {} : { graceUntil }),
  };
}

/** A stored decision with every rule that was asked. */
export function explanation(decision: StoredDecision, details?: ConflictDetails): Explanation {
  const { plan, checked, decidedTime } = decision;
  return {
    ...admissionDecision(decision, details),
    plan: plan ?? '',
    rules: rulesOf(decision).map(ruleView),
    checked,
    decidedAt: decidedTime,
  };
}

/** What one rule said, or what is used of it, as it is shown. */
export function ruleView({
  policy,
  version,
  rule,
  allowed,
  shadow,
  strategy,
  group,
  current,
  max,
}: StoredRule | UsageLine): RuleEvaluation {
  return {
    policy,
    version,
    rule,
    outcome: allowed ? 'allow' : 'deny',
    shadow,
    strategy: strategy as PolicyStrategy,
    ...(group === '' ? {} : { group }),
    current,
    max,
  };
}

/** What was decided on sessions, newest first: their starts, the last time they were judged, and their ends. */
export function history(states: readonly SessionState[], wallMs: number, limit: number): readonly HistoryEntry[] {
  return (
    states
      .flatMap((state) => [...decisionsOf(state), ...endOf(state, wallMs)])
      // At one time the end of a stream comes of a decision, and so after it.
      .sort((a, b) => b.at - a.at || Number(b.type === 'END') - Number(a.type === 'END'))
      .slice(0, limit)
  );
}

function decisionsOf(state: SessionState): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const decision of [state.start, state.reopening]) {
    if (decision === null) continue;
    const { allowed, reason, checked, current, policy, rule, isCheck } = decision;
    const max = maxOf(decision);
    entries.push({
      at: decision.decidedTime,
      type: decision === state.start ? 'ADMISSION' : isCheck ? 'CHECK' : 'IMPLICIT_ADMISSION',
      ...what(state),
      decision: allowed ? 'allow' : 'deny',
      ...(reason === null ? {} : { reason }),
      checked,
      current,
      ...(max === null ? {} : { max }),
      ...(policy === null ? {} : { policy }),
      ...(rule === null ? {} : { rule }),
      rules: rulesOf(decision).map(ruleView),
    });
  }
  return entries;
}

function endOf(state: SessionState, wallMs: number): HistoryEntry[] {
  if (isLive(state, wallMs)) return [];
  const { phase, endReason, endedBy, barredAt, startedAt, stoppedAt, leaseExpiresAt } = state;
  const isOverByLease = phase === 'OPEN' || phase === 'LAPSED';
  // A session that never held a slot did not end: it was refused, or all that came of it came late.
  if (leaseExpiresAt === 0 && (phase === 'BARRED' || isOverByLease)) return [];
  return [
    {
      // Not before its start: a stop has the time at which it was received, as what was last seen.
      at: Math.max(startedAt, barredAt ?? stoppedAt ?? (isOverByLease ? leaseExpiresAt : lastSeenMs(state))),
      type: 'END',
      ...what(state),
      reason: endReason ?? 'lease-expired',
      ...(endedBy === null ? {} : { endedBy }),
      checked: true,
      rules: [],
    },
  ];
}

function what({
  session,
  device,
  content,
  kind,
}: SessionState): Pick<HistoryEntry, 'sessionId' | 'device' | 'content' | 'kind'> {
  return { sessionId: session, device: device ?? '', content: content ?? '', kind };
}

function conflictView(
  { session, device, content, startedAt, lastSeenAt }: StoredConflict,
  { sessionOf, showTitles }: ConflictDetails,
): Conflict {
  const state = sessionOf(session);
  const title = showTitles ? state?.facts?.title : undefined;
  const profile = showTitles ? state?.profile : undefined;
  return {
    sessionId: session,
    device: device ?? '',
    content: content ?? '',
    startedAt,
    lastSeenAt,
    ...(state === undefined ? {} : { deviceClass: state.deviceClass, expiresAt: state.leaseExpiresAt }),
    ...(typeof state?.pausedSince === 'number' ? { paused: true } : {}),
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof profile === 'string' ? { profile } : {}),
  };
}

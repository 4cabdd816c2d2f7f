import { MAX_STREAMS, nativeEventId, newPlaybackDecision, newPlaybackVerdict } from '@playhead/event-schemas';
import type {
  DecisionType,
  PlaybackDecision,
  PlaybackHeartbeat,
  PlaybackVerdict,
  PolicyEvaluation,
} from '@playhead/event-schemas';
import type { Limit } from './guard-state.ts';
import type { Answer } from './policies/evaluate.ts';
import { PLAN_LIMIT } from './policies/policy-book.ts';
import { decidedEventId } from './session-state.ts';
import { lastSeenMs } from './stored-session.ts';
import type { SessionState, StoredDecision, StoredRule } from './stored-session.ts';

/** What surrounds a decision that is stored. */
export interface DecisionPlace {
  readonly limit: Limit;
  /** The account's other streams that live, to show those in the way. */
  readonly others: readonly SessionState[];
  /** Streams that hold a slot afterwards. */
  readonly held: number;
  /** Log time. */
  readonly nowMs: number;
  /** It judges a stream that runs. */
  readonly isCheck: boolean;
  /** False: nothing was asked. */
  readonly checked: boolean;
}

/** A decision as it is stored. */
export function storedDecision(
  report: Pick<PlaybackHeartbeat, 'eventId' | 'receivedTime' | 'session'>,
  answer: Answer,
  place: DecisionPlace,
): StoredDecision {
  const { allowed, reason, refusedBy, freeAt, mayEnd, replaced, ended, graceUntil } = answer;
  const { limit, others, nowMs, isCheck, checked } = place;
  const inTheWay = answer.conflicts.flatMap(({ session }) => others.find((other) => other.session === session) ?? []);
  return {
    eventId: isOfStart(report) ? '' : report.eventId,
    receivedTime: report.receivedTime,
    decidedTime: nowMs,
    allowed,
    reason: graceUntil === undefined ? (reason ?? null) : 'grace',
    checked,
    plan: limit.plan,
    ...usageOf(answer, place),
    retryAfterMs: freeAt === undefined ? null : freeAt - nowMs,
    conflicts: inTheWay.map((state) => {
      const { session, device, content, startedAt } = state;
      return { session, device, content, startedAt, lastSeenAt: lastSeenMs(state) };
    }),
    replaced,
    policy: refusedBy?.policy ?? null,
    rule: refusedBy?.rule ?? null,
    mayEnd,
    ended: ended.map(({ session }) => session),
    graceUntil: graceUntil ?? null,
    rules: answer.rules.every(isLeftOut) ? [] : answer.rules.map(asStored),
    isAsked: answer.rules.length > 0,
    isCheck,
  };
}

const isOfStart = ({ eventId, session }: Pick<PlaybackHeartbeat, 'eventId' | 'session'>): boolean =>
  eventId === nativeEventId({ session, type: 'START', sequence: 0 });

/** Places taken and allowed by the rule that refused, or that has the fewest left; the candidate's is counted if it was admitted. */
function usageOf(
  { allowed, refusedBy, rules }: Answer,
  { limit, held, checked }: DecisionPlace,
): { current: number; max: number } {
  if (refusedBy !== undefined) return { current: refusedBy.current - 1, max: refusedBy.max };
  const [tightest] = rules.filter(({ shadow }) => !shadow).toSorted((a, b) => a.max - a.current - (b.max - b.current));
  if (tightest !== undefined) return { current: tightest.current, max: tightest.max };
  // No rule limits it, as exempt content: `maxOf`.
  return { current: held, max: checked && allowed ? MAX_STREAMS : limit.maxStreams };
}

/** The limit of the plan, as `rulesOf` says it again. */
const isLeftOut = ({ policy, version, rule, strategy, group, shadow }: Answer['rules'][number]): boolean =>
  policy === PLAN_LIMIT.policy.policy &&
  version === PLAN_LIMIT.version &&
  rule === PLAN_LIMIT.policy.rules[0]?.rule &&
  strategy === 'block-new' &&
  group === '' &&
  !shadow;

const asStored = ({
  policy,
  version,
  rule,
  allowed,
  shadow,
  strategy,
  group,
  current,
  max,
}: Answer['rules'][number]): StoredRule => ({
  policy,
  version,
  rule,
  allowed,
  shadow,
  strategy,
  group,
  current,
  max,
});

/** The rules that a decision was made by; none is stored where the limit of the plan was the only one. */
export function rulesOf({ rules, isAsked, checked, allowed, current, max }: StoredDecision): readonly StoredRule[] {
  if (rules.length > 0 || !checked || !isAsked) return rules;
  return [
    {
      policy: PLAN_LIMIT.policy.policy,
      version: PLAN_LIMIT.version,
      rule: 'streams',
      allowed,
      shadow: false,
      strategy: 'block-new',
      group: '',
      current: allowed ? current : current + 1,
      max,
    },
  ];
}

/** Streams allowed; null where no rule that is enforced was asked: what any account can have limits it, and says nothing. */
export function maxOf(decision: StoredDecision): number | null {
  const { checked, allowed, max } = decision;
  return checked && allowed && rulesOf(decision).every(({ shadow }) => shadow) ? null : max;
}

/** The record of a stored decision on `playback.decisions`. */
export function decisionRecord(type: DecisionType, state: SessionState, decision: StoredDecision): PlaybackDecision {
  const { receivedTime, decidedTime, allowed, reason, checked, plan, current, retryAfterMs } = decision;
  const { conflicts, replaced, policy, rule, ended, graceUntil } = decision;
  return newPlaybackDecision({
    ...whose(state),
    receivedTime,
    decidedTime,
    reason,
    checked,
    plan,
    current,
    max: maxOf(decision),
    retryAfterMs,
    conflicts,
    replaced,
    policy,
    rule,
    ended,
    graceUntil,
    eventId: decidedEventId(state, decision),
    type,
    decision: allowed ? 'ALLOW' : 'DENY',
    policies: rulesOf(decision).map(asEvaluation),
    admittedUnchecked: state.isUnchecked,
  });
}

function asEvaluation({ allowed, group, ...rule }: StoredRule): PolicyEvaluation {
  return { ...rule, outcome: allowed ? 'ALLOW' : 'DENY', group: group === '' ? null : group };
}

/** The record of a termination on `playback.decisions`. */
export function terminationRecord(
  state: SessionState,
  {
    eventId,
    receivedTime,
    endReason,
    endedBy,
  }: Pick<PlaybackHeartbeat, 'eventId' | 'receivedTime' | 'endReason' | 'endedBy'>,
  nowMs: number,
): PlaybackDecision {
  return newPlaybackDecision({
    ...whose(state),
    eventId,
    type: 'TERMINATION',
    receivedTime,
    decidedTime: nowMs,
    decision: 'DENY',
    reason: endReason,
    endedBy,
  });
}

/** The record of a verdict stop on `playback.verdicts`. Throws for a session that is not barred. */
export function stopVerdict(state: SessionState): PlaybackVerdict {
  const { session, barredBy, barredAt, endReason, endedBy } = state;
  if (barredBy === null || barredAt === null) {
    throw new TypeError(`session ${session} is ${state.phase}, its verdict is not stop`);
  }
  const refusal = [state.start, state.reopening].find(
    (decision) => decision !== null && !decision.allowed && decidedEventId(state, decision) === barredBy,
  );
  const by =
    refusal === undefined || refusal === null
      ? undefined
      : rulesOf(refusal).find(
          ({ policy, rule }) => policy === (refusal.policy ?? policy) && rule === (refusal.rule ?? rule),
        );
  return newPlaybackVerdict({
    ...verdictOf(state),
    endedBy,
    eventId: barredBy,
    verdict: 'STOP',
    reason: endReason,
    policy: refusal?.policy ?? by?.policy ?? null,
    policyVersion: by?.version ?? null,
    decidedTime: barredAt,
  });
}

/** The record of a verdict warn, within a grace, or of continue after it. */
export function graceVerdict(
  state: SessionState,
  verdict: 'WARN' | 'CONTINUE',
  decision: StoredDecision,
): PlaybackVerdict {
  return newPlaybackVerdict({
    ...verdictOf(state),
    eventId: decidedEventId(state, decision),
    verdict,
    reason: verdict === 'WARN' ? 'grace' : null,
    decidedTime: decision.decidedTime,
    leaseExpiresAt: state.leaseExpiresAt,
  });
}

function verdictOf({ tenant, account, session, device, content, ticketExpiresAt }: SessionState) {
  return { tenant, account, session, device, content, ticketExpiresAt };
}

function whose({ tenant, account, session, profile, device, content, kind }: SessionState) {
  return { tenant, account, session, profile, device, content, kind };
}

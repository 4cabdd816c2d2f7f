import { MAX_STREAMS } from '@playhead/event-schemas';
import type { PlaybackHeartbeat, PolicyRule } from '@playhead/event-schemas';
import type { Limit } from './guard-state.ts';
import { decisiveRules } from './policies/active-policy.ts';
import { isAbout } from './policies/counted-stream.ts';
import { evaluate, takesDevice } from './policies/evaluate.ts';
import type { Answer, Question } from './policies/evaluate.ts';
import type { PolicyBook } from './policies/policy-book.ts';
import type { RememberedLease } from './remembered-leases.ts';
import { isJudgementDue } from './session-state.ts';
import type { KeptValue } from './stored-account.ts';
import type { SessionState } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';

/** What a decision rests on besides the stream itself. */
export interface Circumstances {
  /** The account's other sessions that live. */
  readonly others: readonly SessionState[];
  /** All its other sessions that are remembered, which may be a thousand: they are read only where a rule asks. */
  readonly remembered: () => readonly SessionState[];
  readonly kept: readonly KeptValue[];
  readonly book: PolicyBook;
  readonly limit: Limit;
  /** Log time. */
  readonly nowMs: number;
}

/** Asks all policies whether a session may hold a slot. `isRunning`: it lives and is judged again. */
export function decide(
  session: SessionState,
  report: PlaybackHeartbeat,
  { others, remembered, kept, book, limit, nowMs }: Circumstances,
  isRunning: boolean,
): Answer {
  const { plan, maxStreams } = limit;
  const ownGraceUntil = graceUntilOf(session);
  return judge({
    candidate: countedStream(session, plan),
    others: others.map((other) => countedStream(other, plan)),
    policies: book.active(session.tenant),
    allowances: { plan, maxStreams, tokenMaxStreams: session.tokenMaxStreams },
    kept,
    end: [...session.end, ...report.end],
    nowMs,
    isRunning,
    shadow: book.settings(session.tenant)?.enforcement === 'SHADOW',
    isWarmedUp: isRunning && ownGraceUntil === 0 && isJudgementDue(session, nowMs),
    ownGraceUntil,
    lastGraceUntil: () => lastGraceUntil([session, ...remembered()]),
  });
}

/**
 * The refusal of a start at an account that has all the streams that any can have, by what is known of them without
 * reading a thousand; undefined: they have to be read.
 */
export function refusedUnread(
  session: SessionState,
  report: PlaybackHeartbeat,
  {
    leases,
    book,
    plan,
  }: { readonly leases: readonly RememberedLease[]; readonly book: PolicyBook; readonly plan: string },
): Answer | undefined {
  if (leases.length < MAX_STREAMS) return undefined;
  const start = {
    candidate: countedStream(session, plan),
    policies: book.active(session.tenant),
    end: [...session.end, ...report.end],
    shadow: book.settings(session.tenant)?.enforcement === 'SHADOW',
  };
  const others = leases.filter((other) => other.session !== session.session);
  return isOneTooMany(start, others) ? atSystemLimit(others, others.length) : undefined;
}

/**
 * What the rules say, and that no account has more than MAX_STREAMS streams whatever they say: also where none is about
 * the content, and while its tenant is in SHADOW. What that refuses names no rule: none was asked, because nothing could
 * make room, or all that decide allowed it.
 */
export function judge(question: Question): Answer {
  const { others, isRunning } = question;
  if (isRunning || others.length < MAX_STREAMS) return evaluate(question);
  const leases = others.map(({ session, leaseExpiresAt, exempt, attributes: { device } }) => {
    return { session, leaseExpiresAt, device, exempt };
  });
  if (isOneTooMany(question, leases)) return atSystemLimit(leases, leases.length);
  const answer = evaluate(question);
  const left = others.length - answer.replaced.length - answer.ended.length;
  return answer.allowed && left >= MAX_STREAMS ? atSystemLimit(leases, left) : answer;
}

/** True when an account is full and nothing can make room: neither the start nor a rule ends any stream, or would offer one. */
function isOneTooMany(
  { candidate, policies, end, shadow }: Pick<Question, 'candidate' | 'policies' | 'end' | 'shadow'>,
  others: readonly RememberedLease[],
): boolean {
  if (others.length < MAX_STREAMS) return false;
  const replaced = !shadow && takesDevice(candidate, policies) ? candidate.attributes.device : null;
  const mayEnd = ({ strategy = 'block-new' }: PolicyRule): boolean => strategy !== 'block-new';
  return (
    (shadow || !decisiveRules(policies).some((rule) => mayEnd(rule) && isAbout(rule, candidate))) &&
    !others.some(({ session, device }) => end.includes(session) || (device !== null && device === replaced))
  );
}

function atSystemLimit(others: readonly RememberedLease[], left: number): Answer {
  const freeAt = others.reduce((least, { leaseExpiresAt }) => Math.min(least, leaseExpiresAt), Infinity);
  return { ...REFUSED, reason: 'system-limit', refusedBy: { ...SYSTEM_LIMIT, current: left + 1 }, freeAt };
}

/** End of the last grace that one of the sessions was given; 0: none. */
export function lastGraceUntil(sessions: readonly SessionState[]): number {
  return Math.max(0, ...sessions.map(graceUntilOf));
}

/** By its decisions too: of what earlier versions stored only those tell. */
function graceUntilOf({ graceUntil, start, reopening }: SessionState): number {
  return Math.max(graceUntil ?? 0, start?.graceUntil ?? 0, reopening?.graceUntil ?? 0);
}

/** What refuses one stream more than any account can have. */
const SYSTEM_LIMIT = {
  policy: 'system-limit',
  version: 1,
  rule: 'streams',
  allowed: false,
  shadow: false,
  strategy: 'block-new',
  group: '',
  max: MAX_STREAMS,
} as const;

/** A refusal that no rule made. */
const REFUSED = {
  allowed: false,
  reason: undefined,
  refusedBy: undefined,
  rules: [],
  conflicts: [],
  mayEnd: false,
  replaced: [],
  ended: [],
  freeAt: undefined,
  graceUntil: undefined,
  judgeAt: undefined,
  judgeAtBeats: undefined,
  kept: [],
} as const satisfies Answer;

/** The answer to a start of a session that has ended for good. */
export const REFUSED_ENDED: Answer = { ...REFUSED, reason: 'session-ended' };

/** The answer for what is never asked: downloaded content has no rule, late records are history. */
export const NOT_ASKED: Answer = { ...REFUSED, allowed: true };

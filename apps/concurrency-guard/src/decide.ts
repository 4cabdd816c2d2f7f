import { MAX_STREAMS } from '@playhead/event-schemas';
import type { PlaybackHeartbeat } from '@playhead/event-schemas';
import type { Limit } from './guard-state.ts';
import { evaluate } from './policies/evaluate.ts';
import type { Answer, Question } from './policies/evaluate.ts';
import type { PolicyBook } from './policies/policy-book.ts';
import { isJudgementDue } from './session-state.ts';
import type { KeptValue } from './stored-account.ts';
import type { SessionState } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';

/** What a decision rests on besides the stream itself. */
export interface Circumstances {
  /** The account's other sessions that hold a slot. */
  readonly others: readonly SessionState[];
  /** All its other sessions that are remembered, which may be a thousand: they are read only where a rule asks. */
  readonly remembered: () => readonly SessionState[];
  readonly kept: readonly KeptValue[];
  readonly book: PolicyBook;
  readonly limit: Limit;
  /** Log time. */
  readonly nowMs: number;
}

/** Asks all policies whether a session may hold a slot. `isRunning`: it holds one and is judged again. */
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
 * What the rules say, and that no account has more than MAX_STREAMS streams whatever they say: where none is about the
 * content, and while its tenant is in SHADOW. What those that were asked said is left out then: they allowed.
 */
export function judge(question: Question): Answer {
  const answer = evaluate(question);
  const { others, isRunning } = question;
  const left = others.length - answer.replaced.length - answer.ended.length;
  if (isRunning || !answer.allowed || left < MAX_STREAMS) return answer;
  const refusedBy = { ...SYSTEM_LIMIT, current: left + 1 };
  const freeAt = others.reduce((least, { leaseExpiresAt }) => Math.min(least, leaseExpiresAt), Infinity);
  return { ...REFUSED, reason: 'system-limit', refusedBy, freeAt };
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

/** The answer for what is never asked: exempt and downloaded content has no rule, late records are history. */
export const NOT_ASKED: Answer = { ...REFUSED, allowed: true };

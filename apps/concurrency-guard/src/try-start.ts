import type { AccountRef, TrialStart } from '@playhead/event-schemas';
import { storedDecision } from './announcements.ts';
import type { Limit } from './guard-state.ts';
import { judge, lastGraceUntil, NOT_ASKED } from './decide.ts';
import type { PolicyBook } from './policies/policy-book.ts';
import { slotsHeld } from './policies/usage.ts';
import { isLive } from './session-state.ts';
import type { AccountState } from './stored-account.ts';
import { lastSeenMs } from './stored-session.ts';
import type { SessionState, StoredDecision } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';

/** Name of the stream that a dry run is about. */
const TRIAL = '(dry run)';

/** The account as a dry run finds it. */
export interface TrialPlace {
  readonly account: AccountState;
  readonly sessions: readonly SessionState[];
  readonly limit: Limit;
  readonly book: PolicyBook;
  /** The wall clock. */
  readonly nowMs: number;
}

/** What a start would be answered now. Nothing is changed. */
export function tryStart({ tenant }: AccountRef, start: TrialStart, place: TrialPlace): StoredDecision {
  const { account, sessions, limit, book } = place;
  const { exempt = false, downloaded = false, tokenMaxStreams = null, end = [], ...given } = start;
  // A start would come after them in the log, whatever the clock here says.
  const nowMs = Math.max(place.nowMs, ...sessions.map(lastSeenMs));
  const report = { eventId: '', session: TRIAL, receivedTime: nowMs };
  const occasion = { limit, nowMs, isCheck: false };
  if (downloaded) return storedDecision(report, NOT_ASKED, { ...occasion, others: [], held: 0, checked: false });
  const live = sessions.filter((state) => isLive(state, nowMs));
  const counted = live.map((state) => countedStream(state, limit.plan));
  const candidate = {
    session: TRIAL,
    attributes: { ...UNKNOWN, ...given, plan: limit.plan },
    exempt,
    startedAt: nowMs,
    lastSeenAt: nowMs,
    leaseExpiresAt: nowMs,
    beats: 0,
    pausedSince: null,
  };
  const policies = book.active(tenant);
  const answer = judge({
    candidate,
    others: counted,
    policies,
    allowances: { ...limit, tokenMaxStreams },
    kept: account.kept,
    end,
    nowMs,
    isRunning: false,
    shadow: book.settings(tenant)?.enforcement === 'SHADOW',
    ownGraceUntil: 0,
    lastGraceUntil: () => lastGraceUntil(sessions),
  });
  const gone = new Set([...answer.replaced, ...answer.ended.map(({ session }) => session)]);
  const others = live.filter(({ session }) => !gone.has(session));
  const left = counted.filter(({ session }) => !gone.has(session));
  const held = slotsHeld(answer.allowed ? [...left, candidate] : left, policies);
  return storedDecision(report, answer, { ...occasion, others, held, checked: true });
}

const UNKNOWN = {
  profile: null,
  device: null,
  deviceClass: 'UNKNOWN',
  deviceType: null,
  content: null,
  kind: 'UNKNOWN',
  channel: null,
  rightsHolder: null,
  package: null,
  territory: null,
  location: null,
  home: null,
  adSupported: null,
  app: null,
} as const;

import { describe, expect, test } from '@jest/globals';
import { newPlaybackHeartbeat } from '@playhead/event-schemas';
import { bar, countReport, newSession, openLease, stop } from '../src/session-state.ts';
import { admissionDecision } from '../src/decision-view.ts';
import { sessionView, streamViews } from '../src/session-view.ts';
import type { SessionState } from '../src/stored-session.ts';

const beat = newPlaybackHeartbeat({
  eventId: '0b5e0d6c-0000-5000-8000-000000000000',
  type: 'BEAT',
  tenant: 'demo',
  account: 'acc-1',
  session: 'a',
  device: 'tv-1',
  content: 'film-1',
  kind: 'VOD',
  source: 'NATIVE',
  sequence: 4,
  receivedTime: 1005,
  eventTime: 1000,
  ticketExpiresAt: 9000,
});
const open = openLease(countReport(newSession(beat, 1010), beat) as SessionState, 1010, 'NATIVE', 500);

describe('a session', () => {
  test('that lives', () => {
    expect(sessionView(open, 1509)).toEqual({
      sessionId: 'a',
      state: 'active',
      verdict: 'continue',
      lastSequence: 4,
      beats: 1,
      events: 0,
      startedAt: 1010,
      lastSeenAt: 1010,
      expiresAt: 1510,
      confidence: 'high',
      evidence: [{ source: 'NATIVE', expiresAt: 1510 }],
    });
  });

  test('whose lease is over is left out of what is active, announced or not', () => {
    expect(sessionView(open, 1510)).toMatchObject({ state: 'ended', endReason: 'lease-expired', verdict: 'continue' });
    expect(streamViews([open], 1510)).toEqual([]);
  });

  test('that was stopped by its player has no verdict against it', () => {
    const view = sessionView(stop(open, { endReason: 'back-button', receivedTime: 1020 }), 1020);
    expect(view).toMatchObject({ state: 'ended', endReason: 'back-button', verdict: 'continue' });
    expect(view.reason).toBeUndefined();
  });

  test('that was stopped by the guard says why', () => {
    const barred = bar(open, { reason: 'replaced', endedBy: 'b', eventId: 'e' }, 1020);
    expect(sessionView(barred, 1020)).toMatchObject({
      state: 'ended',
      endReason: 'replaced',
      verdict: 'stop',
      reason: 'replaced',
      endedBy: 'b',
    });
  });
});

test('confidence was high before the player of a start had reported at all', () => {
  const started = openLease(newSession({ ...beat, type: 'START', sequence: 0 }, 1010), 1010, 'NATIVE', 500);
  expect(sessionView(started, 1100)).toMatchObject({ confidence: 'low', evidence: [{ source: 'NATIVE' }] });
  const renewed = openLease(started, 1020, 'LICENCE_RENEWAL', 500);
  expect(sessionView(renewed, 1100).confidence).toBe('high');
  expect(sessionView({ ...started, events: 1 }, 1100).confidence).toBe('high');
});

test('streams are listed oldest first, with what they show on which device', () => {
  const younger = { ...open, session: 'b', startedAt: 1020, device: null, content: null };
  expect(streamViews([younger, open], 1100)).toMatchObject([
    { sessionId: 'a', device: 'tv-1', content: 'film-1', kind: 'VOD' },
    { sessionId: 'b', device: '', content: '', kind: 'VOD' },
  ]);
});

test('a decision says when to try again only if it was a refusal', () => {
  const stored = {
    eventId: 'e',
    receivedTime: 1,
    decidedTime: 2,
    checked: true,
    plan: 'basic',
    current: 1,
    max: 1,
    replaced: [],
    conflicts: [{ session: 'b', device: null, content: 'film-2', startedAt: 3, lastSeenAt: 4 }],
    retryAfterMs: 70,
    policy: 'rights',
    rule: 'two',
    mayEnd: true,
    ended: [],
    graceUntil: null,
    rules: [],
    isAsked: true,
    isCheck: false,
  };
  expect(admissionDecision({ ...stored, allowed: false, reason: 'concurrency-limit' })).toEqual({
    decision: 'deny',
    reason: 'concurrency-limit',
    usage: { current: 1, max: 1 },
    conflicts: [{ sessionId: 'b', device: '', content: 'film-2', startedAt: 3, lastSeenAt: 4 }],
    retryAfterMs: 70,
    policy: 'rights',
    rule: 'two',
    mayEnd: true,
  });
  expect(
    admissionDecision({
      ...stored,
      allowed: true,
      reason: null,
      conflicts: [],
      policy: null,
      rule: null,
      mayEnd: false,
    }),
  ).toEqual({
    decision: 'allow',
    usage: { current: 1, max: 1 },
    conflicts: [],
  });
});

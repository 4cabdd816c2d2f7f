import { describe, expect, test } from '@jest/globals';
import { newPlaybackHeartbeat } from '@playhead/event-schemas';
import { GuardState } from '../src/guard-state.ts';
import { newSession, openLease } from '../src/session-state.ts';
import type { AccountState } from '../src/stored-account.ts';
import type { StoredSession } from '../src/stored-session.ts';
import { counted } from './counted-store.ts';

const NOW = 1_000_000_000_000;
const LEASE_MS = 25_000;
const SESSIONS = 100;

/** A session whose lease was renewed at `renewedAtMs`. */
const session = (n: number, renewedAtMs: number) => {
  const report = newPlaybackHeartbeat({
    eventId: '0b5e0d6c-0000-5000-8000-000000000000',
    type: 'BEAT',
    tenant: 'demo',
    account: `acc-${n}`,
    session: `s-${n}`,
    ticketExpiresAt: NOW + 86_400_000,
    receivedTime: NOW,
    eventTime: NOW,
  });
  return openLease(newSession(report, NOW), renewedAtMs, 'NATIVE', LEASE_MS);
};

describe.each([
  ['a store with slots', true],
  ['a store on disk', false],
])('%s', (_, isSlotted) => {
  const start = () => {
    const sessions = counted<StoredSession>(isSlotted);
    const accounts = counted<AccountState>(isSlotted);
    return { sessions, state: new GuardState(accounts.store, sessions.store, { plan: 'default', maxStreams: 2 }) };
  };

  test('every sweep read sessions whose lease was renewed', () => {
    const { sessions, state } = start();
    for (let n = 0; n < SESSIONS; n++) state.put(session(n, NOW), NOW);
    for (let n = 0; n < SESSIONS; n++) state.put(session(n, NOW + 10_000), NOW + 10_000);
    const before = sessions.reads.count;
    expect([...state.due(NOW + LEASE_MS + 5_000, Infinity)]).toEqual([]);
    expect(sessions.reads.count).toBe(before);
    expect([...state.due(NOW + 10_000 + LEASE_MS, Infinity)]).toHaveLength(SESSIONS);
  });

  test('the leases of a restored task lapsed at once beside a session of long ago', () => {
    const { sessions } = start();
    const long = 15 * 365 * 86_400_000;
    sessions.store.put('demo/acc-0/s-0', session(0, NOW - long));
    sessions.store.put('demo/acc-1/s-1', session(1, NOW));
    const state = new GuardState(counted<AccountState>(isSlotted).store, sessions.store, {
      plan: 'default',
      maxStreams: 2,
    });
    state.restore();
    const due = (nowMs: number) => [...state.due(nowMs, Infinity)].map((one) => one.session);
    expect(due(NOW)).toEqual(['s-0']);
    expect(due(NOW)).toEqual([]);
    expect(due(NOW + LEASE_MS)).toEqual(['s-1']);
  });
});

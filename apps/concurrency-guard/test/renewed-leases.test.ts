import { describe, expect, test } from '@jest/globals';
import { newPlaybackHeartbeat } from '@playhead/event-schemas';
import type { KeyValueStore } from '@playhead/stream-core';
import { GuardState } from '../src/guard-state.ts';
import { newSession, openLease } from '../src/session-state.ts';
import type { AccountState } from '../src/stored-account.ts';
import type { StoredSession } from '../src/stored-session.ts';

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

/** A store that counts what is read of it, with slots or without. */
function counted<V>(isSlotted: boolean) {
  const values = new Map<string, V>();
  const keys: string[] = [];
  const reads = { count: 0 };
  const store = {
    get: (key: string) => {
      reads.count++;
      return values.get(key) ?? null;
    },
    put: (key: string, value: V | null) => {
      if (!values.has(key)) keys.push(key);
      if (value === null) values.delete(key);
      else values.set(key, value);
    },
    all: () => [...values].map(([key, value]) => ({ key, value })),
    ...(isSlotted ? { slotOf: (key: string) => keys.indexOf(key), keyAt: (slot: number) => keys[slot] } : {}),
  };
  return { reads, store: store as unknown as KeyValueStore<string, V> };
}

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

import { describe, expect, test } from '@jest/globals';
import { newPlaybackHeartbeat } from '@playhead/event-schemas';
import { GuardState } from '../src/guard-state.ts';
import { RememberedLeases } from '../src/remembered-leases.ts';
import { finish, newSession, openLease } from '../src/session-state.ts';
import type { AccountState } from '../src/stored-account.ts';
import type { SessionState, StoredSession } from '../src/stored-session.ts';
import { counted } from './counted-store.ts';

const NOW = 1_000_000;
const WHOSE = { tenant: 'demo', account: 'acc-1' };

const session = (name: string, leaseMs: number): SessionState => {
  const report = newPlaybackHeartbeat({
    eventId: '0b5e0d6c-0000-5000-8000-000000000000',
    type: 'START',
    ...WHOSE,
    session: name,
    ticketExpiresAt: NOW + 1_000_000,
    receivedTime: NOW,
    eventTime: NOW,
  });
  const open = openLease(newSession(report, NOW), NOW, 'NATIVE', Math.max(1, leaseMs));
  return leaseMs > 0 ? open : finish(open, 'ENDED');
};
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s-${n}`);

describe('an account with 1,000 remembered sessions', () => {
  test('cost every decision a reading of all of them: those that live are read', () => {
    const sessions = counted<StoredSession>();
    const state = new GuardState(counted<AccountState>().store, sessions.store, { plan: 'default', maxStreams: 2 });
    for (const name of names(1_000)) state.put(session(name, 0), NOW);
    for (const name of ['live-1', 'live-2']) state.put(session(name, 60_000), NOW);
    const readBy = (act: () => unknown): number => {
      const before = sessions.reads.count;
      act();
      return sessions.reads.count - before;
    };
    const live = () => state.liveSessions(WHOSE, NOW).map((one) => one.session);
    expect(readBy(live)).toBe(1_002);
    expect(live()).toEqual(['live-1', 'live-2']);
    expect(readBy(live)).toBe(2);
    // What is stored and forgotten meanwhile is known without another look.
    state.put(session('live-3', 30_000), NOW);
    state.put(session('s-7', 60_000), NOW);
    state.put(session('live-1', 0), NOW);
    state.forget(session('live-2', 60_000), NOW);
    expect(live()).toEqual(['s-7', 'live-3']);
    expect(readBy(live)).toBe(2);
    expect(state.liveSessions(WHOSE, NOW + 45_000).map((one) => one.session)).toEqual(['s-7']);
  });

  test('an account with few sessions is looked through each time', () => {
    const sessions = counted<StoredSession>();
    const state = new GuardState(counted<AccountState>().store, sessions.store, { plan: 'default', maxStreams: 2 });
    for (const name of names(5)) state.put(session(name, 0), NOW);
    state.liveSessions(WHOSE, NOW);
    const before = sessions.reads.count;
    state.liveSessions(WHOSE, NOW);
    expect(sessions.reads.count - before).toBe(5);
  });
});

const liveAt = (leases: RememberedLeases, account: string) => leases.liveAt(account, NOW)?.map((one) => one.session);

describe('remembered leases', () => {
  test('are bounded: accounts that were not asked for the longest go', () => {
    const leases = new RememberedLeases();
    const listed = names(1_000);
    for (let n = 0; n < 100; n++) leases.learn(`a-${n}`, listed, []);
    expect(leases.size).toBe(100_000);
    leases.liveAt('a-0', NOW);
    leases.learn('one-more', listed, [session('s-3', 10)]);
    expect(leases.size).toBe(100_000);
    expect([liveAt(leases, 'a-0'), liveAt(leases, 'a-1'), liveAt(leases, 'one-more')]).toEqual([
      [],
      undefined,
      ['s-3'],
    ]);
  });

  test('sessions that were stored once an account was known came on top of the bound', () => {
    const leases = new RememberedLeases();
    const listed = names(1_000);
    for (let n = 0; n < 100; n++) leases.learn(`a-${n}`, listed, []);
    // That of the account which was not asked for the longest: it stays, and the next one goes.
    leases.stored('a-0', session('one-more', 10), true);
    expect(leases.size).toBe(99_001);
    expect([liveAt(leases, 'a-0'), liveAt(leases, 'a-1')]).toEqual([['one-more'], undefined]);
    for (let n = 0; n < 2_000; n++) leases.stored('a-0', session(`new-${n}`, 10), true);
    expect(leases.size).toBeLessThanOrEqual(100_000);
  });

  test('an account whose sessions were all forgotten was kept, empty, for as long as its task', () => {
    const leases = new RememberedLeases();
    for (const account of ['a', 'b']) leases.learn(account, names(40), []);
    for (const name of names(40)) leases.forgotten('a', name);
    expect([leases.accounts, leases.size]).toEqual([1, 40]);
    expect(liveAt(leases, 'a')).toBeUndefined();
  });

  test('half a session, which its account does not list, is none', () => {
    const leases = new RememberedLeases();
    leases.learn('a', names(40), []);
    leases.stored('a', session('half', 10), false);
    expect(liveAt(leases, 'a')).toEqual([]);
    leases.stored('a', session('listed', 10), true);
    expect(liveAt(leases, 'a')).toEqual(['listed']);
    expect(leases.size).toBe(41);
    leases.forgotten('a', 'listed');
    expect(leases.size).toBe(40);
  });
});

import { describe, expect, it } from '@jest/globals';
import { newPlaybackVerdict, sessionKey } from '@playhead/event-schemas';
import type { StreamVerdict } from '@playhead/event-schemas';
import { applyVerdict } from '../../src/follow-topics.ts';
import { BlockedSessions } from '../../src/tables/blocked-sessions.ts';
import { ClockSkew } from '../../src/tables/clock-skew.ts';
import { VerdictFeed } from '../../src/tables/verdict-feed.ts';

const OWNER = { tenant: 'demo', account: 'acc-1' };
const verdict = (session: string, word: StreamVerdict, reason: string | null = null) =>
  newPlaybackVerdict({ ...OWNER, session, eventId: 'e', verdict: word, reason, decidedTime: 0 });

const PLACE = { partition: 0, offset: 0 };
const tablesWith = (blocked: BlockedSessions) => ({
  blocked,
  feed: new VerdictFeed({ maxKept: 10, maxListeners: 1, maxListenersPerTenant: 1, maxListenersPerAccount: 1 }),
  skew: new ClockSkew({ now: () => 0 }),
});

describe('BlockedSessions', () => {
  it('keeps what the records of playback.verdicts say, and only stop and warn of it', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    const apply = (session: string, word: StreamVerdict | undefined, reason?: string) =>
      applyVerdict(tablesWith(blocked), {
        ...PLACE,
        key: sessionKey('demo', 'acc-1', session),
        value: word === undefined ? null : verdict(session, word, reason ?? null),
      });
    apply('a', 'STOP', 'concurrency-limit');
    apply('b', 'WARN');
    apply('c', 'CONTINUE');
    apply('d', 'UNKNOWN');
    expect(blocked.get({ ...OWNER, session: 'a' })).toEqual({ verdict: 'stop', reason: 'concurrency-limit' });
    expect(blocked.get({ ...OWNER, session: 'b' })).toEqual({ verdict: 'warn' });
    expect(blocked.size).toBe(2);
    apply('a', undefined);
    apply('b', 'CONTINUE');
    expect(blocked.size).toBe(0);
  });

  it('shows no other account or tenant what it knows', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    blocked.block({ ...OWNER, session: 'a' }, { verdict: 'stop' });
    expect(blocked.get({ tenant: 'demo', account: 'acc-2', session: 'a' })).toBeUndefined();
    expect(blocked.get({ tenant: 'other', account: 'acc-1', session: 'a' })).toBeUndefined();
  });

  it.each([
    ['another account', 'demo', 'acc-2'],
    ['another tenant', 'other', 'acc-1'],
  ])('keeps a stop when %s has a session of that name: it was overwritten, and deleted', (_name, tenant, account) => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    const tables = tablesWith(blocked);
    const key = sessionKey(tenant, account, 'a');
    applyVerdict(tables, { ...PLACE, key: sessionKey('demo', 'acc-1', 'a'), value: verdict('a', 'STOP') });
    applyVerdict(tables, { ...PLACE, key, value: { ...verdict('a', 'WARN'), tenant, account } });
    applyVerdict(tables, { ...PLACE, key, value: null });
    expect(blocked.get({ ...OWNER, session: 'a' })).toEqual({ verdict: 'stop' });
  });

  it('refuses a key that is none', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    expect(() => applyVerdict(tablesWith(blocked), { ...PLACE, key: 'demo', value: verdict('a', 'STOP') })).toThrow(
      'tenant/account/session',
    );
  });

  it('forgets the session that was blocked first when it is full, and counts it', () => {
    const blocked = new BlockedSessions({ maxSessions: 2 });
    for (const session of ['a', 'b', 'b', 'c']) blocked.block({ ...OWNER, session }, { verdict: 'stop' });
    expect(['a', 'b', 'c'].filter((session) => blocked.get({ ...OWNER, session }) !== undefined)).toEqual(['b', 'c']);
    expect([blocked.size, blocked.forgotten]).toEqual([2, 1]);
  });
});

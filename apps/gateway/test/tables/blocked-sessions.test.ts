import { describe, expect, it } from '@jest/globals';
import { newPlaybackVerdict, sessionKey } from '@playhead/event-schemas';
import type { StreamVerdict } from '@playhead/event-schemas';
import { applyVerdict } from '../../src/follow-verdicts.ts';
import { BlockedSessions } from '../../src/tables/blocked-sessions.ts';

const OWNER = { tenant: 'demo', account: 'acc-1' };
const verdict = (session: string, word: StreamVerdict, reason: string | null = null) =>
  newPlaybackVerdict({ ...OWNER, session, eventId: 'e', verdict: word, reason, decidedTime: 0 });

describe('BlockedSessions', () => {
  it('keeps what the records of playback.verdicts say, and only stop and warn of it', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    const apply = (session: string, word: StreamVerdict | undefined, reason?: string) =>
      applyVerdict(
        blocked,
        sessionKey('demo', 'acc-1', session),
        word === undefined ? null : verdict(session, word, reason ?? null),
      );
    apply('a', 'STOP', 'concurrency-limit');
    apply('b', 'WARN');
    apply('c', 'CONTINUE');
    apply('d', 'UNKNOWN');
    expect(blocked.get({ ...OWNER, session: 'a' })).toEqual({ ...OWNER, verdict: 'stop', reason: 'concurrency-limit' });
    expect(blocked.get({ ...OWNER, session: 'b' })).toEqual({ ...OWNER, verdict: 'warn', reason: undefined });
    expect(blocked.size).toBe(2);
    apply('a', undefined);
    apply('b', 'CONTINUE');
    expect(blocked.size).toBe(0);
  });

  it('shows no other account or tenant what it knows', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    blocked.block('a', { ...OWNER, verdict: 'stop', reason: undefined });
    expect(blocked.get({ tenant: 'demo', account: 'acc-2', session: 'a' })).toBeUndefined();
    expect(blocked.get({ tenant: 'other', account: 'acc-1', session: 'a' })).toBeUndefined();
  });

  it('refuses a key that is none', () => {
    const blocked = new BlockedSessions({ maxSessions: 10 });
    expect(() => applyVerdict(blocked, 'demo', verdict('a', 'STOP'))).toThrow('tenant/account/session');
  });

  it('forgets the session that was blocked first when it is full, and counts it', () => {
    const blocked = new BlockedSessions({ maxSessions: 2 });
    for (const session of ['a', 'b', 'b', 'c'])
      blocked.block(session, { ...OWNER, verdict: 'stop', reason: undefined });
    expect(['a', 'b', 'c'].filter((session) => blocked.get({ ...OWNER, session }) !== undefined)).toEqual(['b', 'c']);
    expect([blocked.size, blocked.forgotten]).toEqual([2, 1]);
  });
});

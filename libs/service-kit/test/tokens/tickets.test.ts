import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { createTickets, TICKET_LIFE_MS, TokenError } from '@playhead/service-kit';
import type { TicketClaims } from '@playhead/service-kit';
import fc from 'fast-check';

const NOW = 1_800_000_000_000;
const keyOf = (kid: string) => ({ kid, key: randomBytes(32) });
const first = keyOf('k1');
const second = keyOf('k2');
const claims: TicketClaims = {
  tenant: 'demo',
  account: 'acc-1',
  profile: 'p-1',
  device: 'tv-1',
  session: '3d2b8a1e-3f1a-4a6e-9b1c-0b6f1c9f2d11',
  content: 'film-1',
  kind: 'VOD',
  intervalMs: 10_000,
};

const codeOf = (verify: () => unknown): string => {
  try {
    verify();
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('tickets', () => {
  it('come back as they were signed, with times in whole seconds', () => {
    const tickets = createTickets({ keys: [first], maxCached: 10, now: () => NOW + 999 });
    const ticket = tickets.verify(tickets.sign({ ...claims, title: 'Äpfel & Öl' }));
    expect(ticket).toEqual({ ...claims, title: 'Äpfel & Öl', issuedAt: NOW, expiresAt: NOW + TICKET_LIFE_MS });
  });

  it('that are remembered do not keep the texts they were cut out of', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const tickets = createTickets({ keys: [first], maxCached: 2000 });
    const around = 'x'.repeat(8000);
    collect();
    const before = process.memoryUsage().heapUsed;
    let text = '';
    for (let i = 0; i < 2000; i++) {
      text = tickets.sign({ ...claims, session: `s-${i}` });
      tickets.verify(Buffer.from(`${text}${around}`).toString('latin1').slice(0, text.length));
    }
    collect();
    // With the texts it is 16 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
    expect(tickets.verify(text).session).toBe('s-1999');
  });

  it('are short and travel in an address as they are', () => {
    const text = createTickets({ keys: [first], maxCached: 0 }).sign(claims);
    expect(encodeURIComponent(text)).toBe(text);
    expect(text.length).toBeLessThan(400);
  });

  it('are accepted with a title and ids at their limits, in characters of three bytes', () => {
    const tickets = createTickets({ keys: [first], maxCached: 0 });
    const id = '語'.repeat(128);
    const long = { ...claims, account: id, profile: id, device: id, content: id, title: '語'.repeat(500) };
    expect(tickets.verify(tickets.sign(long))).toMatchObject(long);
  });

  it('hold until the millisecond before their 24 hours are over, also when they were verified before', () => {
    let now = NOW;
    const tickets = createTickets({ keys: [first], maxCached: 10, now: () => now });
    const text = tickets.sign(claims);
    const seen = [0, TICKET_LIFE_MS - 1, TICKET_LIFE_MS].map((age) => {
      now = NOW + age;
      return codeOf(() => tickets.verify(text));
    });
    expect(seen).toEqual(['accepted', 'accepted', 'ticket-expired']);
  });

  it('are verified with a key that no longer signs, and refused once it is gone', () => {
    const old = createTickets({ keys: [first], maxCached: 0 }).sign(claims);
    const rotated = createTickets({ keys: [second, first], maxCached: 0 });
    expect(codeOf(() => rotated.verify(old))).toBe('accepted');
    expect(codeOf(() => createTickets({ keys: [first], maxCached: 0 }).verify(rotated.sign(claims)))).toBe(
      'ticket-refused',
    );
    expect(codeOf(() => createTickets({ keys: [second], maxCached: 0 }).verify(old))).toBe('ticket-refused');
  });

  it('of another key with the same id are refused', () => {
    const forged = createTickets({ keys: [keyOf('k1')], maxCached: 0 }).sign(claims);
    expect(codeOf(() => createTickets({ keys: [first], maxCached: 0 }).verify(forged))).toBe('ticket-refused');
  });

  it('are refused after any change of any character', () => {
    const tickets = createTickets({ keys: [first], maxCached: 10 });
    const text = tickets.sign(claims);
    tickets.verify(text);
    fc.assert(
      fc.property(
        fc.nat({ max: text.length - 1 }),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_'),
        (at, character) => {
          fc.pre(text[at] !== character && text[at] !== '.');
          return codeOf(() => tickets.verify(text.slice(0, at) + character + text.slice(at + 1))) === 'ticket-refused';
        },
      ),
    );
  });

  it.each(['', 'x', 'a.b', 'a.b.c.d', 'a b.c.d', `${'a'.repeat(9000)}.b.c`])('are not %j', (text) => {
    const code = codeOf(() => createTickets({ keys: [first], maxCached: 0 }).verify(text));
    expect(code).toBe('ticket-malformed');
  });

  it('that are remembered never outgrow the bound', () => {
    const tickets = createTickets({ keys: [first], maxCached: 2 });
    const texts = ['a', 'b', 'c'].map((session) => tickets.sign({ ...claims, session }));
    const sessions = [...texts, ...texts].map((text) => tickets.verify(text).session);
    expect(sessions).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });
});

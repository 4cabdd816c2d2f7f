import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createTerminationTokens, createTickets, TERMINATION_TOKEN_LIFE_MS, TokenError } from '@playhead/service-kit';

const keys = [{ kid: 'k1', key: randomBytes(32) }];
const claims = { tenant: 'demo', account: 'acc-1', session: 's-1', refusedEventId: 'e-1' };
let now = 1_800_000_000_000;
const tokens = createTerminationTokens(keys, () => now);

const codeOf = (verify: () => unknown): string => {
  try {
    verify();
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
  return 'accepted';
};

it('says what may be ended', () => {
  expect(tokens.verify(tokens.sign(claims), claims)).toEqual(claims);
});

it.each<[string, () => unknown, string]>([
  ['of another account', () => tokens.verify(tokens.sign(claims), { ...claims, account: 'acc-2' }), 'ticket-refused'],
  ['of another tenant', () => tokens.verify(tokens.sign(claims), { ...claims, tenant: 'other' }), 'ticket-refused'],
  ['that was changed', () => tokens.verify(`${tokens.sign(claims).slice(0, -2)}xx`, claims), 'ticket-refused'],
  ['that is a ticket', () => tokens.verify(ticket(), claims), 'ticket-refused'],
  [
    'of another installation',
    () => tokens.verify(createTerminationTokens([{ kid: 'k1', key: randomBytes(32) }]).sign(claims), claims),
    'ticket-refused',
  ],
  ['that is too long', () => tokens.verify('x'.repeat(4097), claims), 'ticket-malformed'],
])('refuses one %s', (_name, verify, code) => {
  expect(codeOf(verify)).toBe(code);
});

it('refuses one that is too old', () => {
  const text = tokens.sign(claims);
  now += TERMINATION_TOKEN_LIFE_MS - 1;
  expect(codeOf(() => tokens.verify(text, claims))).toBe('accepted');
  now += 1;
  expect(codeOf(() => tokens.verify(text, claims))).toBe('ticket-expired');
});

function ticket(): string {
  const { tenant, account, session } = claims;
  const who = { tenant, account, session, profile: 'p', device: 'd', content: 'c', kind: 'VOD' as const };
  return createTickets({ keys, maxCached: 0 }).sign({ ...who, intervalMs: 10_000 });
}

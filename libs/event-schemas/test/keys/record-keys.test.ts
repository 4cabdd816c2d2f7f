import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  accountKey,
  accountKeyOfSession,
  checkId,
  InvalidKeyError,
  MAX_ID_LENGTH,
  parseAccountKey,
  parseSessionKey,
  sessionKey,
} from '../../src/index.ts';

const tenants = fc.stringMatching(/^[a-z0-9-]{1,32}$/);
const ids = fc
  .string({ minLength: 1, maxLength: MAX_ID_LENGTH, unit: 'grapheme' })
  .filter((id) => id.length <= MAX_ID_LENGTH && id.isWellFormed() && !id.includes('@') && !id.includes('%40'));

describe('keys', () => {
  test.each([
    ['demo', 'acc-1', 'demo/acc-1'],
    ['demo', 'a/b', 'demo/a%2Fb'],
    ['demo', 'a b%', 'demo/a%20b%25'],
    ['a-1', 'ü', 'a-1/%C3%BC'],
  ])('tenant %s and account %s make %s', (tenant, account, key) => {
    expect(accountKey(tenant, account)).toBe(key);
    expect(parseAccountKey(key)).toEqual({ tenant, account });
  });

  test('any ids come back from the key of a session, and its account part is the key of the account', () => {
    fc.assert(
      fc.property(tenants, ids, ids, (tenant, account, session) => {
        const key = sessionKey(tenant, account, session);
        expect(parseSessionKey(key)).toEqual({ tenant, account, session });
        expect(accountKeyOfSession(key)).toBe(accountKey(tenant, account));
      }),
    );
  });

  test('two different pairs of ids never share a key', () => {
    fc.assert(
      fc.property(ids, ids, ids, ids, (a, b, c, d) => {
        expect(sessionKey('t', a, b) === sessionKey('t', c, d)).toBe(a === c && b === d);
      }),
    );
  });
});

describe('refuses', () => {
  test.each(['', 'Demo', 'de mo', 'a/b', 'x'.repeat(33), 'dé'])('the tenant %j', (tenant) => {
    expect(() => accountKey(tenant, 'acc-1')).toThrow(InvalidKeyError);
  });

  test.each([
    ['an empty id', ''],
    ['an id that is too long', 'x'.repeat(MAX_ID_LENGTH + 1)],
    ['half a surrogate pair', 'a\ud800'],
    ['an e-mail address', 'jo@example.com'],
    ['an encoded e-mail address', 'jo%40example.com'],
  ])('%s', (_name, id) => {
    expect(() => checkId('account', id)).toThrow(
      expect.objectContaining({ code: 'EVENTS_INVALID_KEY', part: 'account' }),
    );
  });

  test.each(['demo', 'demo/', '/acc', 'demo/a/b', 'DEMO/a', 'demo/%zz', 'demo/%ff'])('the account key %j', (key) => {
    expect(() => parseAccountKey(key)).toThrow(InvalidKeyError);
  });

  test.each(['demo/acc', 'demo/acc/', 'demo/a/b/c'])('the session key %j', (key) => {
    expect(() => parseSessionKey(key)).toThrow(InvalidKeyError);
  });

  test('a session key without an account part', () => {
    expect(() => accountKeyOfSession('demo/acc')).toThrow('tenant/account/session');
  });
});

test('takes ids that only contain an at sign', () => {
  expect(checkId('account', 'user@realm')).toBe('user@realm');
});

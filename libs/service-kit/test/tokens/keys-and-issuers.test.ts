import { describe, expect, it } from '@jest/globals';
import { parseSecretKeys, sharedSettings } from '@playhead/service-kit';

const key = (bytes: number): string => Buffer.alloc(bytes, 1).toString('base64url');
const messageOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('TICKET_KEYS', () => {
  it('are pairs of an id and a key, the first of which signs', () => {
    const keys = parseSecretKeys(`k2:${key(32)}, k1:${key(64)}`);
    expect(keys.map(({ kid, key: { length } }) => [kid, length])).toEqual([
      ['k2', 32],
      ['k1', 64],
    ]);
  });

  it.each([
    ['k1', 'key 1 is not kid:base64url'],
    [`k1:${key(32)},k2:not/base64url`, 'key 2 is not kid:base64url'],
    [`k1:${key(31)}`, 'key 1 has 31 bytes, fewer than 32'],
    [`k1:${key(32)},k1:${key(32)}`, 'a kid stands twice'],
    [Array.from({ length: 17 }, (_, i) => `k${i}:${key(32)}`).join(','), '17 keys, more than 16'],
  ])('are refused without being repeated: %#', (text, expected) => {
    const message = messageOf(() => parseSecretKeys(text));
    expect(message).toContain(expected);
    expect(message).not.toContain(key(31));
  });
});

describe('AUTH_ISSUERS', () => {
  const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
  const entry = { issuer: 'https://a.test', audience: 'playhead', jwks: { keys: [publicKey] } };
  const read = (value: unknown): unknown => sharedSettings.AUTH_ISSUERS.parse(JSON.stringify(value));

  it('are entries with an issuer, an audience, a key set and, if they differ, the places of the claims', () => {
    expect(read([{ ...entry, claims: { account: 'user.id' }, tenants: ['demo'] }])).toEqual([
      {
        ...entry,
        claims: {
          tenant: 'tenant',
          account: 'user.id',
          profile: 'profile',
          device: 'device',
          roles: 'roles',
          maxStreams: 'maxStreams',
        },
        tenants: ['demo'],
      },
    ]);
    expect(read([{ ...entry, jwks: 'https://a.test/jwks' }])).toMatchObject([{ jwks: 'https://a.test/jwks' }]);
  });

  it.each<[unknown, string]>([
    [{}, 'not a list of 1 to 64 issuers'],
    [[], 'not a list of 1 to 64 issuers'],
    [['x'], '[0] is not an object'],
    [[{ ...entry, issuer: '' }], '[0].issuer is not a text'],
    [[entry, { ...entry, issuer: 'b', audience: 3 }], '[1].audience is not a text'],
    [[entry, entry], 'an issuer stands twice'],
    [[{ ...entry, jwks: { keys: [] } }], '[0].jwks.keys is not a list of keys'],
    [[{ ...entry, jwks: { keys: [{ kty: 'oct', k: 'x' }] } }], '[0].jwks.keys[0].kty is not EC or RSA'],
    [[{ ...entry, jwks: { keys: [{ ...publicKey, d: 'x' }] } }], '[0].jwks.keys[0] is a private key'],
    [[{ ...entry, claims: { user: 'x' } }], '[0].claims.user is none of tenant, account'],
    [[{ ...entry, tenants: [] }], '[0].tenants is not a list of tenants'],
  ])('are refused with the place: %#', (value, expected) => {
    expect(messageOf(() => read(value))).toContain(expected);
  });
});

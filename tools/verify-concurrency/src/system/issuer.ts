import { generateKeyPairSync, sign } from 'node:crypto';

const ISSUER = 'verify-concurrency';
const AUDIENCE = 'playhead';
const KEY_ID = 'verify-1';
const LIFE_S = 24 * 60 * 60;

/** Who a token speaks for. */
export interface Claims {
  readonly tenant: string;
  readonly account?: string;
  readonly profile?: string;
  readonly device?: string;
  readonly roles: readonly ('viewer' | 'operator' | 'service')[];
}

/** The tenant's identity provider: signs ES256 JWTs (RFC 7519) with a key of its own. */
export interface IdentityProvider {
  /** The value of the services' setting `AUTH_ISSUERS`. */
  readonly authIssuers: string;
  token(claims: Claims): string;
}

/** Makes a provider with a new key. */
export function createIdentityProvider(): IdentityProvider {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' };
  return {
    authIssuers: JSON.stringify([{ issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [jwk] } }]),
    token(claims) {
      const exp = Math.floor(Date.now() / 1000) + LIFE_S;
      const text = [
        { alg: 'ES256', kid: KEY_ID, typ: 'JWT' },
        { iss: ISSUER, aud: AUDIENCE, exp, ...claims },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { DEFAULT_CLAIM_PATHS } from '../tokens/issuers.ts';
import type { Issuer } from '../tokens/issuers.ts';

/** What a test's token says; whatever is given goes into the payload as it is. */
export interface TestTokenClaims {
  readonly [claim: string]: unknown;
  /** Seconds since the epoch; null leaves it out. Default: in one hour. */
  readonly exp?: number | null;
}

/** An issuer with a key of its own. */
export interface TestIssuer {
  /** The entry for `AUTH_ISSUERS`; its key set has the public key only. */
  readonly entry: Issuer;
  /** Signs any claims: wrong ones too. */
  sign(claims: TestTokenClaims): Promise<string>;
}

/** Makes an issuer. */
export async function createTestIssuer(
  options: { readonly alg?: 'ES256' | 'RS256'; readonly issuer?: string; readonly audience?: string } = {},
): Promise<TestIssuer> {
  const { alg = 'ES256', issuer = 'https://issuer.test', audience = 'playhead' } = options;
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return {
    entry: { issuer, audience, jwks: { keys: [jwk] }, claims: DEFAULT_CLAIM_PATHS },
    sign({ exp, ...claims }) {
      const expS = exp === undefined ? Math.floor(Date.now() / 1000) + 3600 : exp;
      const payload = { iss: issuer, aud: audience, ...claims, ...(expS === null ? {} : { exp: expS }) };
      return new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey);
    },
  };
}

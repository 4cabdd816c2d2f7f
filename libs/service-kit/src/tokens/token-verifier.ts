import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { BoundedCache } from './bounded-cache.ts';
import { idProblem, isTenant } from './id-shapes.ts';
import { ROLES } from './identity.ts';
import type { Identity } from './identity.ts';
import type { Issuer } from './issuers.ts';
import { openKeySet } from './key-set.ts';
import { SERVICE_TOKEN_TYPE, TERMINATION_TYPE, TICKET_TYPE } from './signed-text.ts';
import type { TokenVerifier } from './ticket.ts';
import { TokenError } from './token-error.ts';

/** What `createTokenVerifier` needs. */
export interface TokenVerifierOptions {
  readonly issuers: readonly Issuer[];
  readonly maxCached: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const ALGORITHMS = ['ES256', 'RS256'];
const MAX_TOKEN_LENGTH = 8192;
/** A key that an issuer withdraws stops working after this time, also for tokens that were verified before. */
const MAX_CACHED_MS = 300_000;
/** An issuer's clock may be this much ahead (`nbf`); `exp` has no tolerance. */
const CLOCK_TOLERANCE_S = 5;

/** By the `typ` of a text that Playhead signs itself, and that is no token of an issuer: where it belongs. */
const OF_OURS: ReadonlyMap<string, string> = new Map([
  [TICKET_TYPE, 'this is a playback ticket, not a token: it goes into the Playback-Ticket header or ?ticket='],
  [TERMINATION_TYPE, 'this is a termination token: it goes into terminationTokens of the start that is tried again'],
  [SERVICE_TOKEN_TYPE, 'this is a token between services: it is for /internal/v1 of their admin ports'],
]);

interface Verified {
  readonly identity: Identity;
  readonly untilMs: number;
}

/** Verifies JWTs of the issuers. Only successes are remembered, by SHA-256 of the token, never the token itself. */
export function createTokenVerifier({ issuers, maxCached, now = Date.now }: TokenVerifierOptions): TokenVerifier {
  const sources = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: openKeySet(issuer.jwks) }]));
  const cache = new BoundedCache<Verified>(maxCached);
  return {
    async verify(text) {
      if (text.length > MAX_TOKEN_LENGTH) throw malformed(`a token has at most ${MAX_TOKEN_LENGTH} characters`);
      const digest = createHash('sha256').update(text).digest('base64');
      const known = cache.get(digest);
      if (known !== undefined && now() < known.untilMs) return known.identity;
      cache.delete(digest);
      const { iss, typ, crit } = claimedBy(text);
      const source = sources.get(iss);
      if (source === undefined) throw refused(OF_OURS.get(typ) ?? 'the issuer of the token is not one of AUTH_ISSUERS');
      // Extensions that have to be understood (RFC 7515, section 4.1.11): none is.
      if (crit !== undefined) throw refused("the token's crit is not accepted");
      const payload = await verifySignature(text, source.issuer, source.keys, now());
      const identity = toIdentity(payload, source.issuer);
      if (identity.expiresAt <= now()) throw expired(identity.expiresAt);
      cache.set(digest, { identity, untilMs: Math.min(identity.expiresAt, now() + MAX_CACHED_MS) });
      return identity;
    },
  };
}

/** What a text says of itself, which nobody has checked. */
function claimedBy(text: string): { readonly iss: string; readonly typ: string; readonly crit: unknown } {
  try {
    const { typ = '', crit } = decodeProtectedHeader(text);
    return { iss: decodeJwt(text).iss ?? '', typ, crit };
  } catch (error) {
    throw new TokenError('token-malformed', 'this is no JWT', { cause: error });
  }
}

async function verifySignature(
  text: string,
  issuer: Issuer,
  keys: JWTVerifyGetKey,
  nowMs: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(text, keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): TokenError {
  if (error instanceof errors.JWTExpired) return expired((error.payload.exp ?? 0) * 1000);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(
      error.reason === 'missing' ? `the token has no ${error.claim}` : `the token's ${error.claim} is not accepted`,
    );
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refused(`the token is not signed with ${ALGORITHMS.join(' or ')}`);
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return refused("the token's signature is not one of its issuer's");
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return refused('the token names none of the keys of its issuer, which has several');
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return malformed('this is no JWT');
  return new TokenError('token-unverifiable', "the issuer's keys cannot be read now", { cause: error });
}

function toIdentity(payload: JWTPayload, { claims, tenants }: Issuer): Identity {
  const tenant = at(payload, claims.tenant);
  if (!isTenant(tenant)) throw refused(`the token's ${claims.tenant} is no tenant: [a-z0-9-], 1 to 32 characters`);
  if (tenants !== undefined && !tenants.includes(tenant))
    throw refused(`the issuer may not speak for tenant ${tenant}`);
  return Object.freeze({
    tenant,
    account: id(payload, claims.account),
    profile: id(payload, claims.profile),
    device: id(payload, claims.device),
    roles: rolesOf(at(payload, claims.roles)),
    maxStreams: wholeNumber(payload, claims.maxStreams),
    subject: payload.sub ?? '',
    expiresAt: (payload.exp ?? 0) * 1000,
  });
}

function id(payload: JWTPayload, path: string): string | undefined {
  const value = at(payload, path);
  if (value === undefined) return undefined;
  const problem = idProblem(value);
  if (problem !== undefined) throw refused(`the token's ${path} ${problem}`);
  return value as string;
}

function wholeNumber(payload: JWTPayload, path: string): number | undefined {
  const value = at(payload, path);
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw refused(`the token's ${path} is not a whole number, 0 or more`);
  }
  return value as number;
}

function rolesOf(value: unknown): Identity['roles'] {
  const given: readonly unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return Object.freeze(ROLES.filter((role) => given.includes(role)));
}

/** A claim by its name, or by a path with dots when there is no claim of that very name (some issuers use addresses). */
function at(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

const malformed = (message: string): TokenError => new TokenError('token-malformed', message);
const refused = (message: string): TokenError => new TokenError('token-refused', message);

function expired(atMs: number): TokenError {
  const at = new Date(atMs);
  // What is no date to JavaScript is a number all the same.
  const when = Number.isNaN(at.getTime()) ? 'before all dates' : `at ${at.toISOString()}`;
  return new TokenError('token-expired', `the token expired ${when}`);
}

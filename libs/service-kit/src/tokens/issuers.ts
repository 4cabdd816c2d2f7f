import type { JSONWebKeySet } from 'jose';

/** Where in a token's payload the parts of an identity are: a name, or a path with dots. */
export interface ClaimPaths {
  readonly tenant: string;
  readonly account: string;
  readonly profile: string;
  readonly device: string;
  /** A list of roles, or a text with roles separated by spaces. */
  readonly roles: string;
  readonly maxStreams: string;
}

/** One entry of `AUTH_ISSUERS`. */
export interface Issuer {
  /** Must equal the token's `iss`. */
  readonly issuer: string;
  /** Must be in the token's `aud`. */
  readonly audience: string;
  /** The key set itself, an http(s) address, or a file. */
  readonly jwks: JSONWebKeySet | string;
  readonly claims: ClaimPaths;
  /** When given, the only tenants this issuer may speak for. */
  readonly tenants?: readonly string[];
}

/** Where the development tokens, and by default all others, have their claims. */
export const DEFAULT_CLAIM_PATHS: ClaimPaths = {
  tenant: 'tenant',
  account: 'account',
  profile: 'profile',
  device: 'device',
  roles: 'roles',
  maxStreams: 'maxStreams',
};

const MAX_ISSUERS = 64;

/** Checks the value of `AUTH_ISSUERS`. Throws an Error naming the entry and the member. */
export function checkIssuers(value: unknown): readonly Issuer[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ISSUERS) {
    throw new Error(`not a list of 1 to ${MAX_ISSUERS} issuers`);
  }
  const issuers = value.map((entry: unknown, index) => checkIssuer(entry, `[${index}]`));
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length) throw new Error('an issuer stands twice');
  return issuers;
}

function checkIssuer(value: unknown, place: string): Issuer {
  const entry = asObject(value, place);
  const tenants = entry['tenants'];
  return {
    issuer: asText(entry['issuer'], `${place}.issuer`),
    audience: asText(entry['audience'], `${place}.audience`),
    jwks: checkJwks(entry['jwks'], `${place}.jwks`),
    claims: checkClaims(entry['claims'], `${place}.claims`),
    ...(tenants === undefined ? {} : { tenants: checkTenants(tenants, `${place}.tenants`) }),
  };
}

function checkJwks(value: unknown, place: string): JSONWebKeySet | string {
  if (typeof value === 'string') return asText(value, place);
  const keys = asObject(value, place)['keys'];
  if (!Array.isArray(keys) || keys.length === 0) throw new Error(`${place}.keys is not a list of keys`);
  for (const [index, key] of keys.entries()) {
    const { kty, d } = asObject(key, `${place}.keys[${index}]`);
    if (kty !== 'EC' && kty !== 'RSA') throw new Error(`${place}.keys[${index}].kty is not EC or RSA`);
    if (d !== undefined) throw new Error(`${place}.keys[${index}] is a private key: give the public one`);
  }
  return value as JSONWebKeySet;
}

function checkClaims(value: unknown, place: string): ClaimPaths {
  if (value === undefined) return DEFAULT_CLAIM_PATHS;
  const given = asObject(value, place);
  const paths: Record<string, string> = { ...DEFAULT_CLAIM_PATHS };
  for (const [name, path] of Object.entries(given)) {
    if (!(name in DEFAULT_CLAIM_PATHS)) {
      throw new Error(`${place}.${name} is none of ${Object.keys(DEFAULT_CLAIM_PATHS).join(', ')}`);
    }
    paths[name] = asText(path, `${place}.${name}`);
  }
  return { ...DEFAULT_CLAIM_PATHS, ...paths };
}

function checkTenants(value: unknown, place: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error(`${place} is not a list of tenants`);
  return value.map((tenant, index) => asText(tenant, `${place}[${index}]`));
}

function asObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${place} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function asText(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${place} is not a text`);
  return value;
}

import { InvalidKeyError } from './invalid-key-error.ts';

/** Names an account of a tenant in a key. */
export interface AccountKeyParts {
  readonly tenant: string;
  readonly account: string;
}

/** Names a playback session in a key. */
export interface SessionKeyParts extends AccountKeyParts {
  readonly session: string;
}

/** Names a policy of a tenant in a key. */
export interface PolicyKeyParts {
  readonly tenant: string;
  readonly policy: string;
}

const TENANT = /^[a-z0-9-]{1,32}$/;
/** Something@host.tld, also percent-encoded: an id that is an address would put personal data into every topic. */
const EMAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;
/** Longest id of an account, profile, device, content or session, in UTF-16 units before encoding. */
export const MAX_ID_LENGTH = 128;

/** Returns the tenant. Throws `InvalidKeyError` unless it is `[a-z0-9-]{1,32}`. */
export function checkTenant(tenant: string): string {
  if (!TENANT.test(tenant)) {
    throw new InvalidKeyError(`tenant ${JSON.stringify(tenant)} is not of the form [a-z0-9-]{1,32}`, 'tenant');
  }
  return tenant;
}

/** Returns an opaque id. Throws `InvalidKeyError` when it is empty, too long, not well-formed Unicode or looks like an e-mail address. */
export function checkId(part: string, id: string): string {
  if (id.length === 0 || id.length > MAX_ID_LENGTH) {
    throw new InvalidKeyError(`${part} has ${id.length} characters, allowed are 1 to ${MAX_ID_LENGTH}`, part);
  }
  if (!id.isWellFormed()) {
    throw new InvalidKeyError(`${part} has half of a surrogate pair, allowed is well-formed Unicode`, part);
  }
  if (looksLikeEmail(id)) {
    throw new InvalidKeyError(`${part} looks like an e-mail address, allowed are opaque ids`, part);
  }
  return id;
}

/** True for the shape of an e-mail address, written plainly or percent-encoded. */
export function looksLikeEmail(id: string): boolean {
  return (id.includes('@') && EMAIL.test(id)) || (id.includes('%40') && EMAIL.test(id.replaceAll('%40', '@')));
}

/** `tenant/account`: the key of everything about an account. Throws `InvalidKeyError`. */
export function accountKey(tenant: string, account: string): string {
  return `${checkTenant(tenant)}/${encodeURIComponent(checkId('account', account))}`;
}

/** `tenant/account/session`: the key of `playback.verdicts`. Throws `InvalidKeyError`. */
export function sessionKey(tenant: string, account: string, session: string): string {
  return `${accountKey(tenant, account)}/${encodeURIComponent(checkId('session', session))}`;
}

/** `tenant/policy`: the key of `policies`. Throws `InvalidKeyError`. */
export function policyKey(tenant: string, policy: string): string {
  return `${checkTenant(tenant)}/${encodeURIComponent(checkId('policy', policy))}`;
}

/** The tenant: the key of `tenants.settings`. Throws `InvalidKeyError`. */
export function tenantKey(tenant: string): string {
  return checkTenant(tenant);
}

/** The parts of a policy's key. Throws `InvalidKeyError` for anything else. */
export function parsePolicyKey(key: string): PolicyKeyParts {
  const [tenant = '', policy = ''] = split(key, 'tenant/policy');
  return { tenant, policy };
}

/** The parts of an account's key. Throws `InvalidKeyError` for anything else. */
export function parseAccountKey(key: string): AccountKeyParts {
  const [tenant = '', account = ''] = split(key, 'tenant/account');
  return { tenant, account };
}

/** The parts of a session's key. Throws `InvalidKeyError` for anything else. */
export function parseSessionKey(key: string): SessionKeyParts {
  const [tenant = '', account = '', session = ''] = split(key, 'tenant/account/session');
  return { tenant, account, session };
}

/** The account's part of a session's key: what decides its partition. */
export function accountKeyOfSession(key: string): string {
  const end = key.indexOf('/', key.indexOf('/') + 1);
  if (end < 0) {
    throw new InvalidKeyError(`key ${JSON.stringify(key)} is not of the form tenant/account/session`, 'key');
  }
  return key.slice(0, end);
}

function split(key: string, form: string): string[] {
  const parts = key.split('/');
  if (parts.length !== form.split('/').length || !TENANT.test(parts[0] ?? '') || parts.includes('')) {
    throw new InvalidKeyError(`key ${JSON.stringify(key)} is not of the form ${form}`, 'key');
  }
  try {
    return parts.map(decodeURIComponent);
  } catch (cause) {
    throw new InvalidKeyError(`key ${JSON.stringify(key)} is not percent-encoded UTF-8`, 'key', cause);
  }
}

import { readFileSync, statSync } from 'node:fs';
import { createLocalJWKSet, createRemoteJWKSet } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';

/** How long a key set from an address may be waited for. */
const FETCH_TIMEOUT_MS = 5_000;

/** Opens an issuer's key set. A file is read again when it has changed; an address when a token names an unknown key. */
export function openKeySet(jwks: JSONWebKeySet | string): JWTVerifyGetKey {
  if (typeof jwks !== 'string') return createLocalJWKSet(jwks);
  if (/^https?:\/\//.test(jwks)) return createRemoteJWKSet(new URL(jwks), { timeoutDuration: FETCH_TIMEOUT_MS });
  return openKeyFile(jwks);
}

function openKeyFile(file: string): JWTVerifyGetKey {
  let readAtMs = -1;
  let keys: JWTVerifyGetKey | undefined;
  return (header, token) => {
    const { mtimeMs } = statSync(file);
    if (keys === undefined || mtimeMs !== readAtMs) {
      keys = createLocalJWKSet(JSON.parse(readFileSync(file, 'utf8')) as JSONWebKeySet);
      readAtMs = mtimeMs;
    }
    return keys(header, token);
  };
}

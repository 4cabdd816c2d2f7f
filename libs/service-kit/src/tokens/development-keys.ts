import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { errorCode } from '../internal/error-code.ts';
import type { SecretKey } from './secret-keys.ts';

/** The keys of an installation that was given none. */
export interface DevelopmentKeys {
  readonly file: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JWK;
  readonly ticketKey: SecretKey;
  readonly serviceTokenKey: SecretKey;
}

/** What the file holds. */
interface KeyFile {
  readonly privateJwk: JWK & { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string };
  readonly ticketKey: string;
  readonly serviceTokenKey: string;
}

const KEY_ID = 'dev';
const SECRET_BYTES = 32;

/**
 * Reads `<data dir>/keys/development.json`, and makes it first when there is none. Processes that start at the same time
 * get the same keys: each writes a file of its own and links it to the name, which only the first one can.
 */
export function developmentKeys(dataDir: string): DevelopmentKeys {
  const directory = join(dataDir, 'keys');
  const file = join(directory, 'development.json');
  const { privateJwk, ticketKey, serviceTokenKey } = readKeyFile(file) ?? createKeyFile(directory, file);
  const { kty, crv, x, y } = privateJwk;
  return {
    file,
    privateKey: createPrivateKey({ key: privateJwk, format: 'jwk' }),
    publicJwk: { kty, crv, x, y, kid: KEY_ID, alg: 'ES256', use: 'sig' },
    ticketKey: { kid: KEY_ID, key: Buffer.from(ticketKey, 'base64url') },
    serviceTokenKey: { kid: KEY_ID, key: Buffer.from(serviceTokenKey, 'base64url') },
  };
}

function readKeyFile(file: string): KeyFile | undefined {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as KeyFile;
  } catch (error) {
    throw new Error(`${file} holds no development keys: remove it, and new ones are made`, { cause: error });
  }
}

function createKeyFile(directory: string, file: string): KeyFile {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = {
    note: 'Development keys of this data directory. Whoever reads this file can make tokens for it.',
    privateJwk: privateKey.export({ format: 'jwk' }),
    ticketKey: randomBytes(SECRET_BYTES).toString('base64url'),
    serviceTokenKey: randomBytes(SECRET_BYTES).toString('base64url'),
  };
  const own = join(directory, `development-${randomUUID()}.tmp`);
  writeFileSync(own, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(own, file);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  const created = readKeyFile(file);
  if (created === undefined) throw new Error(`${file} was removed while it was made`);
  return created;
}

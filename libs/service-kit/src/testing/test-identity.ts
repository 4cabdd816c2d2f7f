import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceIdentity } from '../tokens/service-identity.ts';
import type { DevelopmentIssuer, ServiceIdentity } from '../tokens/service-identity.ts';

/** A service's identity over fresh development keys. */
export interface TestIdentity {
  readonly identity: ServiceIdentity;
  readonly development: DevelopmentIssuer;
  /** Holds the keys; a process that is given it as `PLAYHEAD_DATA_DIR` accepts the same tokens. */
  readonly dataDir: string;
  /** Removes the directory. */
  remove(): void;
}

/** Makes keys in a temporary directory and opens them as the named service would. */
export function testIdentity(service = 'test'): TestIdentity {
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-keys-'));
  const identity = createServiceIdentity(service, {
    PLAYHEAD_DATA_DIR: dataDir,
    KAFKA_BROKERS: ['127.0.0.1:9092'],
    AUTH_ISSUERS: undefined,
    TICKET_KEYS: undefined,
    SERVICE_TOKEN_KEYS: undefined,
    AUTH_MAX_CACHED_TOKENS: 1000,
  });
  if (identity.development === undefined) throw new TypeError('no development key');
  return {
    identity,
    development: identity.development,
    dataDir,
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

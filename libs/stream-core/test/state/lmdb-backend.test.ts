import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbBackend } from '../../src/runtime/storage/lmdb/lmdb-backend.ts';
import { silent } from '../runtime/runtime-fakes.ts';
import type { BackendUnderTest } from './backend-scene.ts';
import { binaryKeysSuite } from './binary-keys-suite.ts';
import { storeSuite } from './store-suite.ts';
import { storedKindsSuite } from './stored-kinds-suite.ts';
import { timedStoresSuite } from './timed-stores-suite.ts';

for (const cacheBytes of [0, 2 ** 20]) {
  let stateDir: string | undefined;
  const lmdb: BackendUnderTest = {
    name: `LMDB with a read cache of ${cacheBytes} bytes`,
    isDurable: true,
    open: async () => {
      stateDir ??= mkdtempSync(join(tmpdir(), 'state-'));
      const context = { applicationId: 'app', logger: silent, clock: Date.now };
      const backend = new LmdbBackend({ stateDir, cacheBytes }, context);
      await backend.open();
      return backend;
    },
    clean: () => {
      if (stateDir !== undefined) rmSync(stateDir, { recursive: true, force: true });
      stateDir = undefined;
      return Promise.resolve();
    },
  };
  storeSuite(lmdb);
  timedStoresSuite(lmdb);
  storedKindsSuite(lmdb);
  binaryKeysSuite(lmdb);
}

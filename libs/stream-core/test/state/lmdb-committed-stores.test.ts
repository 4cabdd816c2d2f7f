import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { serdes, stores } from '@playhead/stream-core';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { CommittedStores } from './committed-stores.ts';
import { joinStoreSuite } from './join-store-suite.ts';
import { outerJoinStoreSuite } from './outer-join-store-suite.ts';
import { sessionStoreSuite } from './session-store-suite.ts';
import { versionedStoreSuite } from './versioned-store-suite.ts';

const path = mkdtempSync(join(tmpdir(), 'lmdb-'));
const committed = new CommittedStores(path);
afterAll(async () => {
  await committed.close();
  rmSync(path, { recursive: true, force: true });
});

const text = { name: 'store', key: serdes.string, value: serdes.string };

for (const [cacheBytes, isReadByEnd] of [
  [0, false],
  [3_000, true],
] as const) {
  const name = `the store on disk, committed after every write, with a read cache of ${cacheBytes} bytes,`;
  const fresh = <S extends StateStore>(builder: StoreBuilder<S>): S => {
    committed.wipe();
    return committed.open(builder, { cacheBytes });
  };
  sessionStoreSuite(name, (retentionMs) => fresh({ ...stores.session({ ...text, retentionMs }), isReadByEnd }), false);
  versionedStoreSuite(name, (historyMs) => fresh(stores.versionedKeyValue({ ...text, historyMs })));
  outerJoinStoreSuite(`${name} of records without a partner`, fresh);
  joinStoreSuite(`${name} of one side of a join`, fresh, false);
}

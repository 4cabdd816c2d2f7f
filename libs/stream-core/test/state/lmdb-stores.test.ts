import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { serdes, stores } from '@playhead/stream-core';
import { LmdbEnvironment } from '../../src/runtime/storage/lmdb/lmdb-environment.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { joinStoreSuite } from './join-store-suite.ts';
import { keyValueStoreSuite } from './key-value-store-suite.ts';
import { durableStore } from './durable-store.ts';
import { outerJoinStoreSuite } from './outer-join-store-suite.ts';
import { sessionStoreSuite } from './session-store-suite.ts';
import { versionedStoreSuite } from './versioned-store-suite.ts';
import { windowStoreSuite } from './window-store-suite.ts';

const path = mkdtempSync(join(tmpdir(), 'lmdb-'));
const environment = new LmdbEnvironment(path);
afterAll(async () => {
  await environment.close();
  rmSync(path, { recursive: true, force: true });
});

/** A store of a builder on disk. Nothing is committed, so all of them may have one name. */
function onDisk<S extends StateStore>(builder: StoreBuilder<S>): S {
  const store = durableStore(builder);
  void store.open(environment);
  return store;
}

keyValueStoreSuite('the store on disk, not committed,', (key, value) =>
  onDisk(stores.keyValue({ name: 'store', key, value })),
);

windowStoreSuite('the store on disk, not committed,', (retentionMs) =>
  onDisk(stores.window({ name: 'store', key: serdes.string, value: serdes.string, windowSizeMs: 1, retentionMs })),
);

for (const isReadByEnd of [false, true]) {
  sessionStoreSuite(`the store on disk, not committed, read by end: ${isReadByEnd},`, (retentionMs) =>
    onDisk({
      ...stores.session({ name: 'store', key: serdes.string, value: serdes.string, retentionMs }),
      isReadByEnd,
    }),
  );
}

joinStoreSuite('the store of one side of a join on disk, not committed', onDisk);

versionedStoreSuite('the store on disk, not committed,', (historyMs) =>
  onDisk(stores.versionedKeyValue({ name: 'store', key: serdes.string, value: serdes.string, historyMs })),
);

outerJoinStoreSuite('the store of records without a partner on disk, not committed', onDisk);

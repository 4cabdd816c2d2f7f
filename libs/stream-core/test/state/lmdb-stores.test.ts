import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { Codec, Serde } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import { createDurableStore } from '../../src/runtime/storage/lmdb/durable-stores.ts';
import { LmdbEnvironment } from '../../src/runtime/storage/lmdb/lmdb-environment.ts';
import { ReadCache } from '../../src/runtime/storage/lmdb/read-cache.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { keyValueStoreSuite } from './key-value-store-suite.ts';
import { windowStoreSuite } from './window-store-suite.ts';

const path = mkdtempSync(join(tmpdir(), 'lmdb-'));
const environment = new LmdbEnvironment(path);
afterAll(async () => {
  await environment.close();
  rmSync(path, { recursive: true, force: true });
});
let made = 0;

const codec = (serde: unknown): Codec<unknown> => (serde as Serde<unknown>).open({ topic: 'changelog', part: 'value' });

/** A store of a builder on disk, in a table of its own. */
function onDisk<S extends StateStore>(make: (name: string) => StoreBuilder<S>): S {
  const builder = make(`store-${made++}`);
  const plan = { name: builder.name, builder, changelogTopic: 'changelog', isSourceChangelog: false };
  const codecs = { key: codec(builder.keySerde), value: codec(builder.valueSerde) };
  const store = createDurableStore(plan, codecs, new ReadCache(1_000));
  if (store === undefined) throw new Error(`${builder.kind} has no form on disk`);
  void store.open(environment);
  return store as unknown as S;
}

keyValueStoreSuite('the store on disk, not committed,', (key, value) =>
  onDisk((name) => stores.keyValue({ name, key, value })),
);

windowStoreSuite('the store on disk, not committed,', (retentionMs) =>
  onDisk((name) => stores.window({ name, key: serdes.string, value: serdes.string, windowSizeMs: 1, retentionMs })),
);

import type { Codec, Serde } from '@playhead/stream-core';
import { createDurableStore } from '../../src/runtime/storage/lmdb/durable-stores.ts';
import type { LmdbPart } from '../../src/runtime/storage/lmdb/lmdb-part.ts';
import { ReadCache } from '../../src/runtime/storage/lmdb/read-cache.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';

const codec = (serde: unknown): Codec<unknown> => (serde as Serde<unknown>).open({ topic: 'changelog', part: 'value' });

/** The form on disk of a builder's store, not yet open. */
export function durableStore<S extends StateStore>(builder: StoreBuilder<S>, cacheBytes = 1_000): S & LmdbPart {
  const plan = { name: builder.name, builder, changelogTopic: 'changelog', isSourceChangelog: false };
  const codecs = { key: codec(builder.keySerde), value: codec(builder.valueSerde) };
  const store = createDurableStore(plan, codecs, new ReadCache(cacheBytes));
  if (store === undefined) throw new Error(`${builder.kind} has no form on disk`);
  return store as unknown as S & LmdbPart;
}

import type { Codec } from '../../../serde/serde.ts';
import type { SidedValues } from '../../../state/outer-join-forms.ts';
import type { StateStore } from '../../../state/state-store.ts';
import type { StoreCodecs } from '../../../state/store-builder.ts';
import type { StorePlan } from '../../../topology/topology-plan.ts';
import { Formats } from './formats.ts';
import { LmdbOuterJoinStore } from './lmdb-outer-join-store.ts';
import { LmdbSessionStore } from './lmdb-session-store.ts';
import { LmdbJoinStore } from './lmdb-join-store.ts';
import { LmdbKeyValueStore } from './lmdb-key-value-store.ts';
import { LmdbVersionedKeyValueStore } from './lmdb-versioned-store.ts';
import { LmdbWindowStore } from './lmdb-window-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import type { ReadCache } from './read-cache.ts';

/** A store that is read through to disk, where its kind has such a form; the others stay in memory and are teed. */
export function createDurableStore(
  { builder }: StorePlan,
  codecs: StoreCodecs,
  cache: ReadCache,
): (StateStore & LmdbPart) | undefined {
  if (!Formats.canTell(codecs.key) || !Formats.canTell(codecs.value)) return undefined;
  const parts = { name: builder.name, ...codecs, mutates: builder.mutates ?? false, cache };
  const { kind, historyMs, retentionMs, windowSizeMs, joins } = builder;
  if (kind === 'key-value')
    return historyMs === undefined
      ? new LmdbKeyValueStore(parts)
      : new LmdbVersionedKeyValueStore({ ...parts, historyMs });
  if (kind === 'window' && retentionMs !== undefined)
    return new LmdbWindowStore({ ...parts, retentionMs, windowSizeMs: windowSizeMs ?? 0 });
  if (kind === 'session' && retentionMs !== undefined)
    return new LmdbSessionStore({ ...parts, retentionMs, isReadByEnd: builder.isReadByEnd ?? false });
  if (joins === 'records' && retentionMs !== undefined) return new LmdbJoinStore({ ...parts, retentionMs });
  if (joins === 'unmatched')
    return new LmdbOuterJoinStore({ ...parts, key: codecs.key, value: codecs.value as Codec<SidedValues> });
  return undefined;
}

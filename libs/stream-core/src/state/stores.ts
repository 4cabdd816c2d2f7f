import { ArgumentError, TopologyError } from '../errors.ts';
import type { Codec, Serde } from '../serde/serde.ts';
import { InMemoryKeyValueStore } from './in-memory-key-value-store.ts';
import { InMemoryVersionedKeyValueStore } from './in-memory-versioned-key-value-store.ts';
import { InMemoryWindowStore } from './in-memory-window-store.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { PackedKeyValueStore } from './packed-key-value-store.ts';
import type { SlottedKeyValueStore } from './packed-key-value-store.ts';
import { InMemorySessionStore } from './in-memory-session-store.ts';
import type { SessionStore } from './session-store.ts';
import type { StoreKind } from './state-store.ts';
import type { StoreBuilder, StoreCodecs } from './store-builder.ts';
import type { VersionedKeyValueStore } from './versioned-key-value-store.ts';
import type { WindowStore } from './window-store.ts';

/** Kept in a window store's changelog beyond its retention, because broker time is not stream time (windowstore.changelog.additional.retention.ms). */
export const ADDITIONAL_CHANGELOG_RETENTION_MS = 24 * 60 * 60 * 1000;

/** What every store takes. */
export interface StoreOptions<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Keep a changelog topic, from which the store comes back. Default true. */
  readonly logging?: boolean | undefined;
  /** Settings of the changelog topic on top of the kind's own. */
  readonly logConfig?: Readonly<Record<string, string>> | undefined;
  /** Keep writes in the application's cache between commits: fewer changelog records. Default false. */
  readonly caching?: boolean | undefined;
  /** Stored values may be changed in place: the test driver then does not freeze them. Default false. */
  readonly mutates?: boolean | undefined;
}

/** What a window store takes. */
export interface WindowStoreOptions<K, V> extends StoreOptions<K, V> {
  readonly windowSizeMs: number;
  /** At least the window's size; windows older than this, by the greatest start put, are dropped. */
  readonly retentionMs: number;
}

/** What a session store takes. */
export interface SessionStoreOptions<K, V> extends StoreOptions<K, V> {
  /** Sessions that ended this long or longer before the greatest end put are dropped. */
  readonly retentionMs: number;
}

/** What a versioned store takes. */
export interface VersionedStoreOptions<K, V> extends StoreOptions<K, V> {
  /** How far back from the greatest timestamp put the past can be read and changed. */
  readonly historyMs: number;
}

/** Descriptions of stores, for `addStateStore`. */
export const stores = {
  /** One value per key, in memory. */
  keyValue<K, V>(options: StoreOptions<K, V>): StoreBuilder<KeyValueStore<K, V>> {
    return {
      ...common(options, 'key-value', { 'cleanup.policy': 'compact' }),
      build: (codecs) => new InMemoryKeyValueStore<K, V>(parts(options, codecs)),
    };
  },
  /**
   * One value per key in its binary form outside the heap: for many small values that are read by key. A read decodes, a
   * range orders its keys first.
   */
  packedKeyValue<K, V>(options: StoreOptions<K, V>): StoreBuilder<SlottedKeyValueStore<K, V>> {
    return {
      ...common(options, 'key-value', { 'cleanup.policy': 'compact' }),
      build: (codecs) => new PackedKeyValueStore<K, V>(parts(options, codecs)),
    };
  },
  /** One value per key and window start, in memory. Throws `TopologyError` when the retention is shorter than a window. */
  window<K, V>(options: WindowStoreOptions<K, V>): StoreBuilder<WindowStore<K, V>> {
    const { name, windowSizeMs, retentionMs } = options;
    if (retentionMs < windowSizeMs) {
      throw new TopologyError(
        `store ${name} keeps ${retentionMs} ms; allowed: at least the window's ${windowSizeMs} ms`,
      );
    }
    return {
      ...common(options, 'window', {
        'cleanup.policy': 'compact,delete',
        'retention.ms': changelogRetention(retentionMs),
      }),
      windowSizeMs,
      retentionMs,
      build: (codecs) => new InMemoryWindowStore<K, V>({ ...parts(options, codecs), windowSizeMs, retentionMs }),
    };
  },
  /** One value per key and session, in memory. */
  session<K, V>(options: SessionStoreOptions<K, V>): StoreBuilder<SessionStore<K, V>> {
    const { retentionMs } = options;
    return {
      ...common(options, 'session', {
        'cleanup.policy': 'compact,delete',
        'retention.ms': changelogRetention(retentionMs),
      }),
      retentionMs,
      build: (codecs) => new InMemorySessionStore<K, V>({ ...parts(options, codecs), retentionMs }),
    };
  },
  /** Values with a history, in memory, never cached. Throws `ArgumentError` for a negative history. */
  versionedKeyValue<K, V>(options: VersionedStoreOptions<K, V>): StoreBuilder<VersionedKeyValueStore<K, V>> {
    const { name, historyMs } = options;
    if (!Number.isSafeInteger(historyMs) || historyMs < 0) {
      throw new ArgumentError(`store ${name} keeps ${historyMs} ms of history; allowed: whole numbers from 0`);
    }
    return {
      ...common(options, 'key-value', {
        'cleanup.policy': 'compact',
        'min.compaction.lag.ms': String(historyMs + ADDITIONAL_CHANGELOG_RETENTION_MS),
      }),
      historyMs,
      // Of several changes of a key a cache would keep the last that came, not the history.
      cachingEnabled: false,
      build: (codecs) => new InMemoryVersionedKeyValueStore<K, V>({ ...parts(options, codecs), historyMs }),
    };
  },
} as const;

/** `retention.ms` of a changelog whose store keeps `retentionMs`. The greatest number Kafka takes stands for a retention without end. */
export function changelogRetention(retentionMs: number): string {
  return retentionMs === Infinity ? String(2n ** 63n - 1n) : String(retentionMs + ADDITIONAL_CHANGELOG_RETENTION_MS);
}

function common<K, V, Kind extends StoreKind>(
  options: StoreOptions<K, V>,
  kind: Kind,
  config: Readonly<Record<string, string>>,
): Omit<StoreBuilder, 'build' | 'kind'> & { readonly kind: Kind } {
  return {
    name: options.name,
    kind,
    keySerde: options.key,
    valueSerde: options.value,
    loggingEnabled: options.logging ?? true,
    logConfig: { ...config, ...options.logConfig },
    mutates: options.mutates ?? false,
    cachingEnabled: options.caching ?? false,
  };
}

function parts<K, V>(options: StoreOptions<K, V>, { key, value }: StoreCodecs) {
  return {
    name: options.name,
    key: key as Codec<K>,
    value: value as Codec<V>,
    mutates: options.mutates ?? false,
  };
}

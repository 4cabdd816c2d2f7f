import type { FetchedRecords } from '../../kafka/types.ts';
import type { Headers } from '../../processor/headers.ts';
import type { DropReason } from '../../processor/drop-reason.ts';
import type { RecordCollector } from '../../processor/record-collector.ts';
import type { ChangelogWriter, StateStore } from '../../state/state-store.ts';
import { CachingKeyValueStore } from '../../state/caching-key-value-store.ts';
import { CachingSessionStore } from '../../state/caching-session-store.ts';
import { CachingWindowStore } from '../../state/caching-window-store.ts';
import type { KeyValueStore } from '../../state/key-value-store.ts';
import type { SessionStore } from '../../state/session-store.ts';
import type { WindowStore } from '../../state/window-store.ts';
import type { TaskStorage } from '../storage/state-backend.ts';
import type { CacheBudget } from '../../state/write-back-cache.ts';
import type { RecordContext } from '../../processor/record-context.ts';
import type { TopologyCodecs } from '../../topology/topology-codecs.ts';
import type { StorePlan } from '../../topology/topology-plan.ts';

/** A store's changelog partition. */
export interface ChangelogPartition extends Pick<FetchedRecords, 'topic' | 'partition'> {
  readonly store: StateStore;
  readonly plan: StorePlan;
  /** Takes what is restored, where the store lives in memory and a storage keeps its changes. */
  readonly tee?: ChangelogWriter | undefined;
}

/** What the stores of a task are opened with. */
export interface TaskStoresOptions {
  readonly plans: readonly StorePlan[];
  readonly codecs: TopologyCodecs;
  readonly collector: RecordCollector;
  readonly taskId: string;
  readonly partition: number;
  readonly freezeValues: boolean;
  readonly countDropped: (reason: DropReason) => void;
  /** The record in progress. */
  readonly record: RecordContext;
  /** Undefined: no store caches. */
  readonly cache: CacheBudget | undefined;
  readonly storage: TaskStorage;
}

/** Makes and opens the stores of a task, in the order of the plan. */
export function openTaskStores(options: TaskStoresOptions): {
  readonly stores: ReadonlyMap<string, StateStore>;
  readonly changelogs: readonly ChangelogPartition[];
} {
  const { plans, codecs, collector, taskId, partition, freezeValues, countDropped, record, storage } = options;
  const stores = new Map<string, StateStore>();
  const changelogs: ChangelogPartition[] = [];
  for (const plan of plans) {
    const { name, builder, changelogTopic, isSourceChangelog } = plan;
    // A store without a changelog could not be brought up to date: it lives as long as its task is here.
    const durable = changelogTopic === undefined ? undefined : storage.createStore(plan, codecs.store(name));
    const store = withCache(durable ?? builder.build(codecs.store(name)), plan, options);
    let changelog: ChangelogWriter | undefined;
    let histories: ChangelogWriter | undefined;
    if (changelogTopic !== undefined) {
      let tee = durable === undefined ? storage.tee(plan) : undefined;
      if (builder.historyMs !== undefined) [histories, tee] = [tee, undefined];
      changelogs.push({ topic: changelogTopic, partition, store, plan, tee });
      if (!isSourceChangelog) changelog = new CollectorChangelog(collector, changelogTopic, partition);
      if (tee !== undefined) changelog = changelog === undefined ? tee : new TeedChangelog(changelog, tee);
    }
    store.init({ taskId, changelog, histories, countDropped, record, freezeValues });
    stores.set(name, store);
  }
  return { stores, changelogs };
}

/** Puts a cache in front of a store that may have one. */
function withCache(store: StateStore, { name, builder }: StorePlan, options: TaskStoresOptions): StateStore {
  const { cache: budget, codecs, record } = options;
  if (budget === undefined || budget.maxBytes <= 0 || builder.cachingEnabled !== true) return store;
  const caching = { budget, record, codecs: codecs.store(name), mutates: builder.mutates ?? false };
  switch (store.kind) {
    case 'key-value':
      return new CachingKeyValueStore(store as KeyValueStore<unknown, unknown>, caching);
    case 'window':
      return new CachingWindowStore(store as WindowStore<unknown, unknown>, caching);
    case 'session':
      return new CachingSessionStore(store as SessionStore<unknown, unknown>, caching);
    case 'suppress-buffer':
    case 'internal':
      return store;
  }
}

/** Sends a store's changes to its changelog partition. */
class CollectorChangelog implements ChangelogWriter {
  readonly #collector: RecordCollector;
  readonly #topic: string;
  readonly #partition: number;

  constructor(collector: RecordCollector, topic: string, partition: number) {
    this.#collector = collector;
    this.#topic = topic;
    this.#partition = partition;
  }

  log(key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers): void {
    this.#collector.send(this.#topic, this.#partition, timestamp, key, value, headers);
  }
}

/** Gives a store's changes to its changelog and to a task storage. */
class TeedChangelog implements ChangelogWriter {
  readonly #changelog: ChangelogWriter;
  readonly #tee: ChangelogWriter;

  constructor(changelog: ChangelogWriter, tee: ChangelogWriter) {
    this.#changelog = changelog;
    this.#tee = tee;
  }

  log(key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers): void {
    this.#changelog.log(key, value, timestamp, headers);
    this.#tee.log(key, value, timestamp, headers);
  }
}

import type { Codec, Serde } from '@playhead/stream-core';
import type { Checkpoint } from '../../src/runtime/storage/checkpoint.ts';
import type { StateBackend, TaskStorage } from '../../src/runtime/storage/state-backend.ts';
import { InMemoryVersionedKeyValueStore } from '../../src/state/in-memory-versioned-key-value-store.ts';
import type { ChangelogWriter, StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import type { StorePlan } from '../../src/topology/topology-plan.ts';
import type { LoggedChange } from './store-under-test.ts';

/** The changelog of a store, which outlives every task. */
export type Log = LoggedChange[];

const codec = (serde: Serde<unknown>): Codec<unknown> => serde.open({ topic: 'changelog', part: 'value' });
const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));

/** One life of a task with one store, as the runtime brings it up and commits it. */
export class StoredTask<S extends StateStore> {
  readonly store: S;
  readonly storage: TaskStorage;
  readonly dropped: string[] = [];
  readonly #plan: StorePlan;
  readonly #log: Log;
  readonly #tee: ChangelogWriter | undefined;
  #sealedEnd = 0;

  private constructor(backend: StateBackend, builder: StoreBuilder<S>, log: Log, taskId: string) {
    this.#log = log;
    this.#plan = { name: builder.name, builder, changelogTopic: 'changelog', isSourceChangelog: false };
    this.storage = backend.openTask(taskId);
    const codecs = { key: codec(builder.keySerde), value: codec(builder.valueSerde) };
    const durable = this.storage.createStore(this.#plan, codecs);
    this.store = (durable ?? builder.build(codecs)) as S;
    const tee = durable === undefined ? this.storage.tee(this.#plan) : undefined;
    const isVersioned = builder.historyMs !== undefined;
    this.#tee = isVersioned ? undefined : tee;
    this.store.init({
      taskId,
      changelog: {
        log: (key, value, timestamp) => {
          log.push({ key: Buffer.from(key), value: copy(value), timestamp });
          this.#tee?.log(key, value, timestamp);
        },
      },
      histories: isVersioned ? tee : undefined,
      countDropped: (reason) => this.dropped.push(reason),
      record: { timestamp: 77, headers: [] },
      freezeValues: false,
    });
  }

  /** Brings the task up: stored state, then the changelog's tail, unless `withTail` is false. */
  static async begin<S extends StateStore>(
    backend: StateBackend,
    builder: StoreBuilder<S>,
    log: Log,
    { withTail = true, taskId = '0_0' } = {},
  ): Promise<StoredTask<S>> {
    const task = new StoredTask(backend, builder, log, taskId);
    await task.#bringUp(withTail);
    return task;
  }

  /** What happens now belongs to the commit after the next. */
  seal(): void {
    this.store.flush();
    this.storage.seal();
    this.#sealedEnd = this.#log.length;
  }

  /** Commits what is sealed. */
  async commitSealed(): Promise<Checkpoint> {
    const checkpoint = {
      inputs: [],
      changelogs: { [this.#plan.name]: this.#sealedEnd },
      marker: 'm',
      follows: {},
      atMs: 0,
    };
    await this.storage.commit(checkpoint);
    return checkpoint;
  }

  async commit(): Promise<void> {
    this.seal();
    await this.commitSealed();
  }

  /** Ends it without a commit. */
  async crash(): Promise<void> {
    this.store.close();
    await this.storage.close();
  }

  async #bringUp(withTail: boolean): Promise<void> {
    const { store, storage } = this;
    const checkpoint = await storage.ready();
    if (checkpoint === undefined) await storage.wipe();
    else if (store instanceof InMemoryVersionedKeyValueStore)
      await storage.load(this.#plan, (key, value) => store.restoreHistory(key, value));
    else await storage.load(this.#plan, (key, value, timestamp) => store.restore(key, value, timestamp));
    if (!withTail) return;
    for (const { key, value, timestamp } of this.#log.slice(checkpoint?.changelogs[this.#plan.name] ?? 0)) {
      store.restore(key, value, timestamp);
      this.#tee?.log(key, value, timestamp);
    }
  }
}

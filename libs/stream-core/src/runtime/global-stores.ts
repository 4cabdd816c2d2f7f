import { RecordContext } from '../processor/record-context.ts';
import type { StateStore } from '../state/state-store.ts';
import type { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';

/** The global tables of an instance: every partition of their topics, kept current by the runtime's global consumer and read by all tasks. */
export class GlobalStores {
  readonly stores: ReadonlyMap<string, StateStore>;
  /** Records without a key, which a table cannot hold. */
  dropped = 0;
  readonly #byTopic = new Map<string, StateStore>();

  constructor(plan: TopologyPlan, codecs: TopologyCodecs) {
    const stores = new Map<string, StateStore>();
    for (const { topic, builder } of plan.globalStores) {
      const store = builder.build(codecs.store(builder.name));
      store.init({
        taskId: 'global',
        changelog: undefined,
        countDropped: () => this.dropped++,
        record: new RecordContext(),
        freezeValues: false,
      });
      stores.set(builder.name, store);
      this.#byTopic.set(topic, store);
    }
    this.stores = stores;
  }

  /** Topics to read from their beginning, all partitions. */
  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /** Applies one record. Throws `SerdeError` for bytes that are no key of the store. */
  update(topic: string, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    if (key === null) {
      this.dropped++;
      return;
    }
    this.#byTopic.get(topic)?.restore(key, value, timestamp);
  }

  close(): void {
    for (const store of this.stores.values()) store.close();
  }
}

import { GlobalProcessor } from './global-processor.ts';
import type { TopicPartition } from '../kafka/types.ts';
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
  readonly #processors = new Map<string, GlobalProcessor>();

  constructor(plan: TopologyPlan, codecs: TopologyCodecs, now: () => number = Date.now) {
    const stores = new Map<string, StateStore>();
    const record = new RecordContext();
    for (const { topic, builder } of plan.globalStores) {
      const store = builder.build(codecs.store(builder.name));
      store.init({
        taskId: 'global',
        changelog: undefined,
        countDropped: () => this.dropped++,
        record,
        freezeValues: false,
      });
      stores.set(builder.name, store);
      this.#byTopic.set(topic, store);
    }
    this.stores = stores;
    for (const { topic, writer } of plan.globalStores) {
      if (writer === undefined) continue;
      const { applicationId } = plan;
      this.#processors.set(topic, new GlobalProcessor({ applicationId, topic, writer, codecs, stores, record, now }));
    }
  }

  /** Topics to read from their beginning, all partitions. */
  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /** Applies one record. Throws `SerdeError` for bytes that are no key of the store, and what the store's processor throws, if it has one. */
  update(
    place: TopicPartition,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    offset: number,
  ): void {
    const processor = this.#processors.get(place.topic);
    if (processor !== undefined) {
      processor.process(place, key, value, timestamp, offset);
      return;
    }
    if (key === null) {
      this.dropped++;
      return;
    }
    this.#byTopic.get(place.topic)?.restore(key, value, timestamp);
  }

  close(): void {
    for (const processor of this.#processors.values()) processor.close();
    for (const store of this.stores.values()) store.close();
  }
}

import type { FetchedRecords } from '../../kafka/types.ts';
import type { DropReason } from '../../processor/drop-reason.ts';
import type { RecordCollector } from '../../processor/record-collector.ts';
import type { ChangelogWriter, StateStore } from '../../state/state-store.ts';
import type { TopologyCodecs } from '../../topology/topology-codecs.ts';
import type { StorePlan } from '../../topology/topology-plan.ts';

/** A store's changelog partition. */
export interface ChangelogPartition extends Pick<FetchedRecords, 'topic' | 'partition'> {
  readonly store: StateStore;
  readonly plan: StorePlan;
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
  readonly recordTimestamp: () => number;
}

/** Makes and opens the stores of a task, in the order of the plan. */
export function openTaskStores(options: TaskStoresOptions): {
  readonly stores: ReadonlyMap<string, StateStore>;
  readonly changelogs: readonly ChangelogPartition[];
} {
  const { plans, codecs, collector, taskId, partition, freezeValues, countDropped, recordTimestamp } = options;
  const stores = new Map<string, StateStore>();
  const changelogs: ChangelogPartition[] = [];
  for (const plan of plans) {
    const { name, builder, changelogTopic, isSourceChangelog } = plan;
    const store = builder.build(codecs.store(name));
    let changelog: ChangelogWriter | undefined;
    if (changelogTopic !== undefined) {
      changelogs.push({ topic: changelogTopic, partition, store, plan });
      if (!isSourceChangelog) changelog = new CollectorChangelog(collector, changelogTopic, partition);
    }
    store.init({ taskId, changelog, countDropped, recordTimestamp, freezeValues });
    stores.set(name, store);
  }
  return { stores, changelogs };
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

  log(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#collector.send(this.#topic, this.#partition, timestamp, key, value, undefined);
  }
}

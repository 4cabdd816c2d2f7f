import type { TopologyPlan } from '../topology/topology-plan.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import { QueryError } from './query/query-error.ts';
import type { StreamsMetadata } from './query/query-types.ts';
import type { QueryableStore } from './query/queryable-store.ts';
import type { InstanceAssignment } from './assignment/member-user-data.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { StreamsInstance } from './streams-instance.ts';

/** The stores of a topology by name: what they are, and once the application runs how they are asked. */
export class StoreDirectory {
  readonly #plan: TopologyPlan;
  readonly #names: ReadonlySet<string>;
  readonly #queryable = new Map<string, QueryableStore<unknown, unknown>>();

  constructor(plan: TopologyPlan) {
    this.#plan = plan;
    const all = plan.subtopologies.flatMap(({ stores }) => stores);
    const local = all.filter(({ builder }) => isQueryable(builder)).map(({ name }) => name);
    this.#names = new Set([...local, ...plan.globalStores.map(({ builder }) => builder.name)]);
  }

  /** Throws `QueryError` UNKNOWN_STORE, naming those there are. */
  require(store: string): void {
    if (this.#names.has(store)) return;
    const known = [...this.#names].join(', ') || 'none';
    throw new QueryError('UNKNOWN_STORE', `the topology has no store "${store}"; it has: ${known}`, { store });
  }

  /** Throws `QueryError` UNKNOWN_STORE, or NOT_RUNNING before the topics are known. */
  find(store: string, instance: StreamsInstance | undefined): QueryableStore<unknown, unknown> {
    this.require(store);
    const parts = instance?.started;
    if (instance === undefined || parts === undefined) {
      throw new QueryError('NOT_RUNNING', 'the application does not run (yet)', { store });
    }
    let found = this.#queryable.get(store);
    if (found === undefined) this.#queryable.set(store, (found = this.#describe(store, instance, parts.topics.tasks)));
    return found;
  }

  /** The instances of the last assignment, with their stores. */
  metadata(instances: readonly InstanceAssignment[], processId: string): StreamsMetadata[] {
    return instances.map((instance) => {
      const { tasks, standbys } = instance;
      return {
        processId: instance.processId,
        applicationServer: instance.applicationServer,
        tasks: tasks.map(formatTaskId),
        standbyTasks: standbys.map(formatTaskId),
        standbyStores: this.#storesOf(standbys),
        stores: [...this.#storesOf(tasks), ...this.#plan.globalStores.map(({ builder }) => builder.name)],
        isLocal: instance.processId === processId,
      };
    });
  }

  #storesOf(tasks: readonly TaskId[]): string[] {
    const subtopologies = new Set(tasks.map(({ subtopology }) => subtopology));
    return this.#plan.subtopologies
      .filter(({ id }) => subtopologies.has(id))
      .flatMap(({ stores }) => stores.map(({ name }) => name));
  }

  #describe(
    name: string,
    { codecs }: StreamsInstance,
    tasks: ReadonlyMap<number, number>,
  ): QueryableStore<unknown, unknown> {
    const { key, value } = codecs.store(name);
    for (const { id, stores, sourceTopics } of this.#plan.subtopologies) {
      const builder: StoreBuilder | undefined = stores.find((store) => store.name === name)?.builder;
      if (builder === undefined || !isQueryable(builder)) continue;
      const partitions = tasks.get(id) ?? 0;
      const mutates = builder.mutates ?? false;
      return {
        name,
        kind: builder.kind,
        historyMs: builder.historyMs,
        subtopology: id,
        partitions,
        inputTopics: sourceTopics,
        mutates,
        key,
        value,
      };
    }
    const global = this.#plan.globalStores.find(({ builder }) => builder.name === name);
    const inputTopics = global === undefined ? [] : [global.topic];
    return {
      name,
      kind: 'key-value',
      subtopology: undefined,
      partitions: 1,
      inputTopics,
      mutates: false,
      key,
      value,
    };
  }
}

/** Buffers and stores of joins belong to their operators. */
function isQueryable({ kind }: StoreBuilder): boolean {
  return kind !== 'internal' && kind !== 'suppress-buffer';
}

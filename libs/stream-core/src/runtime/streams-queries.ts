/** The question side of an application: where a store is, asking it here or elsewhere, and answering others. */
import type { StateStore } from '../state/state-store.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { ActiveTask } from './active-task.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import type { ChangeSignal } from './change-signal.ts';
import { checkPlace } from './query/check-place.ts';
import { LocalQueries, type LocalStore, type StaleStore } from './query/local-queries.ts';
import { QueryClient } from './query/query-client.ts';
import { QueryError } from './query/query-error.ts';
import { QueryRouter, type TaskLocation } from './query/query-router.ts';
import type { KeyQueryMetadata, StreamsMetadata } from './query/query-types.ts';
import type { WireAnswer, WireQuery } from './query/query-wire.ts';
import type { StoreQuestion } from './query/store-question.ts';
import { decodeQuestion, encodeAnswer, type QueryableStore, type StorePlace } from './query/queryable-store.ts';
import { StoreQuery } from './query/store-query.ts';
import { StoreDirectory } from './store-directory.ts';
import type { ResolvedStreamsConfig } from './streams-config.ts';
import type { StreamsInstance } from './streams-instance.ts';
import type { StreamsCounters } from './streams-metrics.ts';

/** What the question side works with. */
export interface StreamsQueriesOptions {
  readonly plan: TopologyPlan;
  readonly config: ResolvedStreamsConfig;
  readonly changes: ChangeSignal;
  readonly counters: StreamsCounters;
  /** Undefined unless the application is started and not closed. */
  readonly instance: () => StreamsInstance | undefined;
}

/** What `KafkaStreams` delegates questions to. */
export class StreamsQueries {
  readonly #options: StreamsQueriesOptions;
  readonly #directory: StoreDirectory;
  readonly #router: QueryRouter;

  constructor(options: StreamsQueriesOptions) {
    const { config, changes } = options;
    this.#options = options;
    this.#directory = new StoreDirectory(options.plan);
    this.#router = new QueryRouter({
      locate: (store, partition) => this.#locate(store, partition),
      locateStale: (store, partition) => this.#locateStale(store, partition),
      askLocally: (store, partition, question, terms) => this.#local().ask(store, partition, question, terms),
      nextChange: () => changes.next(),
      client: new QueryClient({ applicationId: config.applicationId, headers: config.queryHeaders }),
      queryTimeoutMs: config.queryTimeoutMs,
      queryTryTimeoutMs: config.queryTryTimeoutMs,
    });
  }

  /** Throws `QueryError` UNKNOWN_STORE. */
  query<K, V>(name: string): StoreQuery<K, V> {
    this.#directory.require(name);
    return new StoreQuery<K, V>(
      () => this.#find(name) as QueryableStore<K, V>,
      (store, partition, question, options) => this.#router.ask(store, partition, question, options),
    );
  }

  /** The restored parts of a store on this instance, by partition; a global table is partition 0. */
  localStores<S extends StateStore>(name: string): ReadonlyMap<number, S> {
    this.#directory.require(name);
    const parts = this.#options.instance()?.started;
    const found = new Map<number, S>();
    const global = parts?.globalStores.stores.get(name);
    if (global !== undefined) found.set(0, global as S);
    for (const { state, task, id } of parts?.tasks.all ?? []) {
      const store = task.stores.get(name);
      if (state === 'RUNNING' && store !== undefined) found.set(id.partition, store as S);
    }
    return found;
  }

  /** Answers another instance's question. Rejects with `QueryError`. */
  async answer({ store: name, partition, question, terms }: WireQuery): Promise<WireAnswer> {
    const { counters, config } = this.#options;
    try {
      const store = this.#find(name);
      checkPlace(store, partition, terms.bound);
      const asked = readQuestion(store, question);
      const timeoutMs = Math.max(1, Math.min(terms.timeoutMs, config.queryTimeoutMs));
      const answer = await this.#local().ask(store, partition, asked, { ...terms, timeoutMs });
      counters.queriesAnswered++;
      return encodeAnswer(store, answer);
    } catch (error) {
      counters.queriesRefused++;
      throw error;
    }
  }

  /** Who answers for a key, as of the last assignment. Throws `QueryError`. */
  metadataForKey<K>(name: string, key: K, options: { readonly partitionKey?: string | undefined }): KeyQueryMetadata {
    const { subtopology } = this.#find(name);
    const partition = this.query<K, unknown>(name).partitionOf(key, options);
    if (subtopology === undefined) {
      const here = this.metadata().find(({ isLocal }) => isLocal);
      return { partition, task: 'global', owner: here, standbys: [] };
    }
    const task = formatTaskId({ subtopology, partition });
    const all = this.metadata();
    return {
      partition,
      task,
      owner: all.find(({ tasks }) => tasks.includes(task)),
      standbys: all.filter(({ standbyTasks }) => standbyTasks.includes(task)),
    };
  }

  /** Every instance of the application, as of the last assignment; empty before the first one. */
  metadata(): StreamsMetadata[] {
    const instance = this.#options.instance();
    return this.#directory.metadata(instance?.started?.tasks.instances ?? [], instance?.processId ?? '');
  }

  /** This instance, if it has anything; then the standbys; then an owner that restores. */
  #locateStale(store: StorePlace, partition: number): TaskLocation[] {
    const instance = this.#options.instance();
    const parts = instance?.started;
    const { subtopology } = store;
    if (instance === undefined || parts === undefined || subtopology === undefined) return [];
    const place = { subtopology, partition };
    const isHere = parts.tasks.get(place) !== undefined || parts.standbys.get(place) !== undefined;
    const has = (tasks: readonly TaskId[]): boolean =>
      tasks.some((task) => task.subtopology === subtopology && task.partition === partition);
    const others = parts.tasks.instances.filter(({ processId }) => processId !== instance.processId);
    const remote = [...others.filter(({ standbys }) => has(standbys)), ...others.filter(({ tasks }) => has(tasks))].map(
      ({ applicationServer }): TaskLocation => ({ kind: 'remote', applicationServer }),
    );
    return isHere ? [{ kind: 'local' }, ...remote] : remote;
  }

  #find(name: string): QueryableStore<unknown, unknown> {
    return this.#directory.find(name, this.#options.instance());
  }

  #local(): LocalQueries {
    const instance = this.#options.instance();
    if (instance === undefined) throw new QueryError('NOT_RUNNING', 'the application does not run', { store: '' });
    return new LocalQueries({
      find: (store, partition) => findLocal(instance, store, partition),
      acknowledgements: instance.acknowledgements,
    });
  }

  #locate(store: StorePlace, partition: number): TaskLocation {
    const instance = this.#options.instance();
    const parts = instance?.started;
    const { subtopology } = store;
    if (instance === undefined || parts === undefined) {
      throw new QueryError('NOT_RUNNING', 'the application does not run (any more)', { store: store.name, partition });
    }
    if (subtopology === undefined || parts.tasks.get({ subtopology, partition }) !== undefined)
      return { kind: 'local' };
    const owner = parts.tasks.instances.find(({ tasks }) =>
      tasks.some((task) => task.subtopology === subtopology && task.partition === partition),
    );
    if (owner === undefined || owner.processId === instance.processId) return { kind: 'nowhere' };
    return { kind: 'remote', applicationServer: owner.applicationServer };
  }
}

/** Of a task that restores or follows its changelogs here. */
function staleOf(
  { changelogs, started }: StreamsInstance,
  { task, state, name: taskName }: ActiveTask,
  name: string,
): StaleStore | undefined {
  const store = task.stores.get(name);
  if (store === undefined || started === undefined) return undefined;
  if (state === 'STANDBY') {
    const standby = started.standbys.get({ subtopology: task.subtopology, partition: task.partition });
    return { store, isStandby: true, lag: standby === undefined ? undefined : started.standbys.lag(standby) };
  }
  const restores = changelogs.progress().filter((each) => each.task === taskName);
  const lag = restores.reduce((sum, { remainingOffsets }) => sum + remainingOffsets, 0);
  const etaMs = Math.max(...restores.map((each) => each.etaMs ?? Number.NaN));
  return {
    store,
    isStandby: false,
    lag: restores.length === 0 ? undefined : lag,
    etaMs: Number.isFinite(etaMs) ? etaMs : undefined,
  };
}

function findLocal(
  instance: StreamsInstance,
  { name, subtopology }: StorePlace,
  partition: number,
): LocalStore | undefined {
  const parts = instance.started;
  if (parts === undefined) return undefined;
  if (subtopology === undefined) {
    return { store: parts.globalStores.stores.get(name), progress: parts.globals.progress };
  }
  const place = { subtopology, partition };
  const active = parts.tasks.get(place) ?? parts.standbys.get(place);
  if (active === undefined) return undefined;
  const { state, task, progress } = active;
  if (state === 'RUNNING') return { store: task.stores.get(name), progress };
  return { store: undefined, progress, stale: staleOf(instance, active, name) };
}

function readQuestion(
  store: QueryableStore<unknown, unknown>,
  question: StoreQuestion<string>,
): StoreQuestion<unknown> {
  try {
    return decodeQuestion(store.key, question);
  } catch (cause) {
    throw new QueryError('BAD_QUERY', `the key cannot be read with the serde of store "${store.name}"`, {
      store: store.name,
      cause,
    });
  }
}

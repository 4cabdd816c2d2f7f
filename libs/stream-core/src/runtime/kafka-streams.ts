import { StreamsError } from '../errors.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Topology } from '../topology/topology.ts';
import { ChangeSignal } from './change-signal.ts';
import { InstanceHolder } from './instance-holder.ts';
import { queryHandler, type QueryHandler } from './query/query-handler.ts';
import type { KeyQueryMetadata, StreamsMetadata } from './query/query-types.ts';
import type { StoreQuery } from './query/store-query.ts';
import { RestoreListeners, type RestoreListener } from './restore/restore-listeners.ts';
import type { RestoreProgress } from './restore/restore-progress.ts';
import { namingSetting } from './setting-errors.ts';
import { StateMachine, type KafkaStreamsState, type StateListener } from './state-machine.ts';
import { resolveConfig, type ResolvedStreamsConfig, type StreamsConfig } from './streams-config.ts';
import { StreamsInstance } from './streams-instance.ts';
import { StreamsCounters, type MetricSample } from './streams-metrics.ts';
import { StreamsQueries } from './streams-queries.ts';
import {
  localStandbys,
  localTasks,
  streamsSamples,
  type StandbyMetadata,
  type TaskMetadata,
} from './streams-report.ts';
import { answerTo } from './uncaught-errors.ts';

/** Default of `close`, and what an application that ends by an error gives itself. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * A running topology: a member of the application's group that processes its share of the partitions, keeps their state,
 * and answers questions about all of it. Several in one process are as good as one in each.
 */
export class KafkaStreams {
  readonly applicationId: string;
  /** Answers other instances' questions: mount it for `POST /internal/v1/streams/<application id>/query` at the address that `applicationServer` advertises, behind the service's own authentication. */
  readonly queryHandler: QueryHandler;
  readonly #config: ResolvedStreamsConfig;
  readonly #machine: StateMachine;
  readonly #counters = new StreamsCounters();
  readonly #changes = new ChangeSignal();
  readonly #restoreListeners: RestoreListeners;
  readonly #queries: StreamsQueries;
  readonly #plan: ReturnType<Topology['plan']>;
  readonly #holder: InstanceHolder;
  #cause: unknown;
  #ending: Promise<boolean> | undefined;
  #isPaused = false;

  /** Nothing is connected before `start`. Throws `StreamsError` (STREAMS_CONFIG) with all problems of the settings. */
  constructor(topology: Topology, config: StreamsConfig) {
    this.#config = resolveConfig(config);
    this.applicationId = this.#config.applicationId;
    this.#plan = topology.plan(this.applicationId);
    const { logger } = this.#config;
    this.#machine = new StateMachine((error) => logger.error({ err: error }, 'a state listener failed'));
    this.#machine.onChange((state, before) => {
      logger.info({ applicationId: this.applicationId, state, before }, 'state changed');
      this.#changes.fire();
    });
    this.#restoreListeners = new RestoreListeners((error) => logger.error({ err: error }, 'a restore listener failed'));
    this.#holder = new InstanceHolder((onError) => this.#makeInstance(topology, onError), logger);
    this.#queries = new StreamsQueries({
      plan: this.#plan,
      config: this.#config,
      changes: this.#changes,
      counters: this.#counters,
      instance: () => (this.#machine.isRunningOrRebalancing ? this.#instance : undefined),
    });
    this.queryHandler = queryHandler(
      (query) => this.#queries.answer(query),
      (error) => logger.error({ err: error }, 'a question of another instance failed'),
    );
  }

  get state(): KafkaStreamsState {
    return this.#machine.state;
  }

  /** Why the application is in PENDING_ERROR or ERROR. */
  get error(): unknown {
    return this.#cause;
  }

  /** Adds a listener and returns the function that removes it. */
  onStateChange(listener: StateListener): () => void {
    return this.#machine.onChange(listener);
  }

  /** Adds a listener of restores (`StateRestoreListener`) and returns the function that removes it. Standbys are not restores: see `standbys`. */
  onRestore(listener: RestoreListener): () => void {
    return this.#restoreListeners.add(listener);
  }

  /**
   * Checks topics, fills global tables, joins the group; resolves when every task of this instance runs for the first
   * time. Rejects with what made it impossible (the state is ERROR then), or with `StreamsError` when it is closed
   * meanwhile or was started before.
   */
  async start(): Promise<void> {
    if (this.#machine.state !== 'CREATED') {
      throw new StreamsError('STREAMS_INVALID_STATE', `start() in state ${this.#machine.state}; allowed: CREATED`);
    }
    this.#machine.to('REBALANCING');
    try {
      this.#holder.launch((error) => this.#fail(error));
    } catch (error) {
      this.#endByError(namingSetting(error, this.#config));
    }
    await this.#until(() => this.#machine.state === 'RUNNING');
  }

  /** Resolves when every task here has processed what stood in its inputs when it came; rejects when the application ends first. */
  async caughtUp(): Promise<void> {
    await this.#until(() => this.isCaughtUp);
  }

  /** True while every task here has processed what stood in its inputs when it came, also through a rebalance that takes none of them away. */
  get isCaughtUp(): boolean {
    const tasks = this.#instance?.started?.tasks;
    if (!this.#machine.isRunningOrRebalancing || tasks?.hasAssignment !== true) return false;
    return tasks.all.every((task) => task.caughtUp);
  }

  /** True between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Stops processing on this instance after the record at hand: no record, no punctuator (KIP-834). What has been processed is committed, the instance keeps its place in the group, its state and its tasks, answers
   * questions, and stays RUNNING; restores, standbys and global tables go on, so that it can resume at once. Fetched records wait, within `maxBufferedBytes`. Before `start`: it starts paused.
   */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#config.logger.info({ applicationId: this.applicationId }, 'paused');
  }

  /** The opposite of `pause`. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#config.logger.info({ applicationId: this.applicationId }, 'resumed');
    this.#instance?.started?.thread.wake();
  }

  /**
   * Commits, leaves the group and closes everything, in `timeoutMs` (default 10,000) or else drops what is left. Resolves
   * to true when it ended in time; calling it again waits for the same end. Never rejects.
   */
  close({ timeoutMs = CLOSE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    if (this.#ending !== undefined) return this.#ending;
    this.#machine.to('PENDING_SHUTDOWN');
    this.#ending = this.#end({ commit: true }, timeoutMs, 'NOT_RUNNING');
    return this.#ending;
  }

  /** Asks a store wherever its keys are. Values of this instance's own stores are the stored objects themselves: do not change them. Throws `QueryError` UNKNOWN_STORE. */
  query<K = unknown, V = unknown>(storeName: string): StoreQuery<K, V> {
    return this.#queries.query<K, V>(storeName);
  }

  /** The parts of a store that are here and restored, by partition (a global table: 0), for reading only. Throws `QueryError` UNKNOWN_STORE. */
  store<S extends StateStore>(storeName: string): ReadonlyMap<number, S> {
    return this.#queries.localStores<S>(storeName);
  }

  /** Who answers for a key, as of the last assignment. Throws `QueryError`. */
  queryMetadataForKey<K>(
    storeName: string,
    key: K,
    options: { readonly partitionKey?: string | undefined } = {},
  ): KeyQueryMetadata {
    return this.#queries.metadataForKey(storeName, key, options);
  }

  /** Every instance of the application, as of the last assignment; empty before the first one. */
  metadataForAllInstances(): readonly StreamsMetadata[] {
    return this.#queries.metadata();
  }

  /** Every instance that has a part of a store, as its owner or as a standby. Throws `QueryError` UNKNOWN_STORE. */
  metadataForStore(storeName: string): readonly StreamsMetadata[] {
    this.query(storeName);
    return this.#queries
      .metadata()
      .filter(({ stores, standbyStores }) => stores.includes(storeName) || standbyStores.includes(storeName));
  }

  /** The tasks of this instance: state, position and lag. */
  tasks(): readonly TaskMetadata[] {
    return localTasks(this.#instance, this.#counters);
  }

  /** Since when state cannot be reached (Redis), milliseconds since the epoch: the tasks that are concerned (`tasks`) process nothing, and it is tried again with backoff. Undefined: all of it can be. */
  get stateAwaySinceMs(): number | undefined {
    return this.#counters.outages.firstSinceMs;
  }

  /** The tasks whose state this instance keeps up for others, and how far they are behind. */
  standbys(): readonly StandbyMetadata[] {
    return localStandbys(this.#instance);
  }

  /** Restores under way. */
  restoreProgress(): readonly RestoreProgress[] {
    return this.#instance?.changelogs.progress() ?? [];
  }

  /** A snapshot of every metric. */
  metrics(): Iterable<MetricSample> {
    return streamsSamples(this.#machine.state, this.#counters, this.#instance, this.#isPaused);
  }

  #makeInstance(topology: Topology, onError: (error: unknown) => void): StreamsInstance {
    return new StreamsInstance({
      topology,
      plan: this.#plan,
      config: this.#config,
      counters: this.#counters,
      changes: this.#changes,
      restoreListeners: this.#restoreListeners,
      isPaused: () => this.#isPaused,
      onStateChange: (state) => this.#machine.to(state),
      onError,
      onShutdown: (reason) => this.#endByError(new StreamsError('STREAMS_SHUTDOWN', `every instance ends: ${reason}`)),
    });
  }

  get #instance(): StreamsInstance | undefined {
    return this.#holder.current;
  }

  /** What an instance cannot go on after. */
  #fail(thrown: unknown): void {
    const error = namingSetting(thrown, this.#config);
    const { logger, handlers } = this.#config;
    if (!this.#machine.isRunningOrRebalancing) {
      logger.warn({ err: error }, 'an error while ending');
      return;
    }
    this.#counters.failedThreads++;
    const hasStarted = this.#instance?.started !== undefined;
    const answer = answerTo(error, { handler: handlers.uncaught, hasStarted, logger });
    if (answer !== 'replace-thread') {
      this.#endByError(error, answer === 'shutdown-application');
      return;
    }
    logger.error({ err: error, applicationId: this.applicationId }, 'processing ended by an error and begins anew');
    this.#machine.to('REBALANCING');
    this.#holder.replace((next) => this.#fail(next), CLOSE_TIMEOUT_MS);
  }

  /** Ends without a commit: PENDING_ERROR → ERROR. `everywhere`: the other instances are asked to end first. */
  #endByError(cause: unknown, everywhere = false): void {
    if (!this.#machine.isRunningOrRebalancing) return;
    this.#cause = cause;
    this.#config.logger.error({ err: cause, applicationId: this.applicationId }, 'the application stops by an error');
    this.#machine.to('PENDING_ERROR');
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#ending = this.#end({ commit: false, tellOthers: everywhere ? reason : undefined }, CLOSE_TIMEOUT_MS, 'ERROR');
  }

  /** Stops the instance, goes to `last`, and says whether it ended in time. */
  async #end(
    how: { readonly commit: boolean; readonly tellOthers?: string | undefined },
    timeoutMs: number,
    last: 'NOT_RUNNING' | 'ERROR',
  ): Promise<boolean> {
    if (how.tellOthers !== undefined) await this.#holder.shutDownApplication(how.tellOthers, timeoutMs);
    const inTime = await this.#holder.stop(how, timeoutMs);
    this.#machine.to(last);
    return inTime;
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { state } = this.#machine;
      if (state === 'PENDING_ERROR' || state === 'ERROR') throw this.#cause;
      if (!this.#machine.isRunningOrRebalancing) {
        throw new StreamsError('STREAMS_INVALID_STATE', `the application is ${state}`);
      }
      await this.#changes.next();
    }
  }
}

import { ArgumentError, StreamsError, TopologyError } from '../errors.ts';
import type { DropReason } from '../processor/drop-reason.ts';
import { partitionForKey } from '../processor/partitioner.ts';
import { GlobalStores } from '../runtime/global-stores.ts';
import { StreamTask } from '../runtime/stream-task.ts';
import type { ErrorHandler, ProductionHandler } from '../runtime/task-handlers.ts';
import type { Codec, SchemaSource } from '../serde/serde.ts';
import type { KeyValueStore } from '../state/key-value-store.ts';
import type { StateStore } from '../state/state-store.ts';
import type { SessionStore } from '../state/session-store.ts';
import { CacheBudget } from '../state/write-back-cache.ts';
import type { VersionedKeyValueStore } from '../state/versioned-key-value-store.ts';
import type { WindowStore } from '../state/window-store.ts';
import type { Topic } from '../topology/topic.ts';
import { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Topology } from '../topology/topology.ts';
import { DriverLog } from './driver-log.ts';
import { DriverMetrics } from './driver-metrics.ts';
import { checkDriverOptions } from './driver-options.ts';
import { DriverTopics, taskPlaces } from './driver-tasks.ts';
import type { DriverPartitions } from './driver-tasks.ts';
import { PagedRecord } from './paged-record.ts';
import type { ProducedRecord } from './paged-record.ts';
import { SimulatedRuntime } from './simulated-runtime.ts';
import { shown } from './simulation-options.ts';
import type { FaultScope, SimulationOptions } from './simulation-options.ts';
import { TestInputTopic, isDuration } from './test-input-topic.ts';
import type { InputTimes, PipeOptions } from './test-input-topic.ts';
import { TestOutputTopic } from './test-output-topic.ts';

/** How the driver runs a topology. */
export interface TopologyTestDriverOptions extends SimulationOptions {
  /** Default `app`. */
  readonly applicationId?: string | undefined;
  /** Where the virtual wall clock starts, milliseconds. Default 0. */
  readonly initialWallClockTimeMs?: number | undefined;
  /** Partitions of the topics that are not internal; the internal ones then follow the co-partitioning rules. At most 10,000. Default: one of every topic, unchecked. */
  readonly partitions?: DriverPartitions | undefined;
  /** Bytes that caches of stores may take together: with any, a record's changes go downstream at the commit after it, the last one of each key. Default 0: none. */
  readonly cacheMaxBytes?: number | undefined;
  /** For serdes that need schemas; one in memory. */
  readonly schemas?: SchemaSource | undefined;
  /** Default: fail. */
  readonly deserializationHandler?: ErrorHandler | undefined;
  /** Default: fail. */
  readonly processingHandler?: ErrorHandler | undefined;
  /** About output that its serde cannot write. Default: fail. */
  readonly productionHandler?: ProductionHandler | undefined;
}

/**
 * Runs a topology without Kafka: real bytes, real tasks, virtual time, synchronous. After each record stream-time punctuators run, the task commits, and what was written to a topic that the
 * topology reads is read, until nothing is left: an input's results are there when `pipeInput` returns. Stored values are frozen unless their node says `mutates`. With more partitions there are
 * more tasks; commits may be rarer, tasks may crash and move, and a seed may choose the order of things.
 */
export class TopologyTestDriver {
  readonly #plan: TopologyPlan;
  readonly #topics: DriverTopics;
  readonly #codecs: TopologyCodecs;
  readonly #globals: GlobalStores;
  readonly #log: DriverLog;
  readonly #runtime: SimulatedRuntime;
  readonly #metrics: DriverMetrics;
  readonly #options: TopologyTestDriverOptions;
  #nowMs: number;
  #keylessTurn = 0;
  #isClosed = false;

  /** For serdes that are ready at once; with others use `create`. Throws `StreamsError` (STREAMS_CONFIG) with all problems of the options. */
  constructor(topology: Topology, options: TopologyTestDriverOptions = {}) {
    this.#options = options;
    this.#nowMs = options.initialWallClockTimeMs ?? 0;
    this.#plan = topology.plan(options.applicationId ?? 'app');
    checkDriverOptions(options, topology, this.#plan);
    this.#topics = new DriverTopics(this.#plan, options.partitions);
    this.#codecs = new TopologyCodecs(this.#plan, options.schemas);
    this.#globals = new GlobalStores(this.#plan, this.#codecs, () => this.#nowMs);
    this.#log = new DriverLog((topic) => this.#topics.partitionsOf(topic), sourceChangelogsOf(this.#plan));
    const clock = (): number => this.#nowMs;
    const common = {
      topology,
      plan: this.#plan,
      codecs: this.#codecs,
      globalStores: this.#globals,
      clock,
      freezeValues: true,
      cache: new CacheBudget(options.cacheMaxBytes ?? 0),
      deserializationHandler: options.deserializationHandler,
      processingHandler: options.processingHandler,
      productionHandler: options.productionHandler,
    };
    this.#runtime = new SimulatedRuntime(
      {
        log: this.#log,
        globals: this.#globals,
        clock,
        createTasks: taskPlaces(this.#topics.counts).map(
          (place) => (collector) => new StreamTask({ ...common, ...place, collector }),
        ),
      },
      options,
      (task) => this.#metrics.absorb(task),
    );
    this.#metrics = new DriverMetrics(this.#runtime, this.#globals);
  }

  /** Makes a driver and waits for its serdes. Rejects with their `SerdeError`. */
  static async create(topology: Topology, options: TopologyTestDriverOptions = {}): Promise<TopologyTestDriver> {
    const driver = new TopologyTestDriver(topology, options);
    await driver.#codecs.ready();
    return driver;
  }

  /** The virtual wall clock, milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What chooses the order of things; undefined: nothing is left to chance. */
  get seed(): number | undefined {
    return this.#options.seed;
  }

  /** `<sub-topology>_<partition>` of every task. */
  get taskIds(): readonly string[] {
    return this.#runtime.tasks.map(({ id }) => id);
  }

  /** Everything the brokers have, in bytes and in order, changelogs and repartition topics included. */
  get produced(): readonly ProducedRecord[] {
    return this.#log.records;
  }

  /** Names of all topics in `produced`. */
  get producedTopicNames(): ReadonlySet<string> {
    return new Set(this.#log.records.map(({ topic }) => topic));
  }

  /** What was counted so far, over all tasks and their lives. */
  get metrics(): DriverMetrics {
    return this.#metrics;
  }

  /** Records left out so far, by reason, over all tasks. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#metrics.dropped;
  }

  /** Sum of `dropped`. */
  get droppedRecords(): number {
    return this.#metrics.droppedRecords;
  }

  /** A topic to write to. Throws `TopologyError` when nothing reads it. */
  createInputTopic<K, V>(topic: Topic<K, V>, times: InputTimes = {}): TestInputTopic<K, V> {
    const { name } = topic;
    if (
      !this.#globals.topics.includes(name) &&
      !this.#plan.subtopologies.some(({ sourceTopics }) => sourceTopics.includes(name))
    ) {
      throw new TopologyError(`topic ${name} is not read by the topology`, { context: { topic: name } });
    }
    const pipe = (
      key: Uint8Array | null,
      value: Uint8Array | null,
      timestamp: number | undefined,
      options: PipeOptions,
    ): void => this.#pipe(name, key, value, timestamp ?? this.#nowMs, options);
    const { partitionKey } = topic;
    const partitionOf =
      partitionKey === undefined
        ? undefined
        : (key: K) => partitionForKey(Buffer.from(partitionKey(key)), this.#topics.partitionsOf(name));
    return new TestInputTopic(name, { ...this.#open(topic), partitionOf }, pipe, times);
  }

  /** A topic to read from; internal ones by their full names. */
  createOutputTopic<K, V>(topic: Topic<K, V>): TestOutputTopic<K, V> {
    const { records } = this.#log;
    return new TestOutputTopic(topic.name, this.#open(topic), {
      records,
      arrive: () => this.#runtime.deliver(topic.name),
    });
  }

  /** Moves the wall clock and runs due wall-clock punctuators, each once. Throws `ArgumentError` for what is no whole number from 0. */
  advanceWallClockTime(byMs: number): void {
    this.#requireOpen();
    if (!isDuration(byMs)) {
      throw new ArgumentError(`the wall clock is to advance by ${shown(byMs)} ms; allowed: whole milliseconds from 0`);
    }
    this.#nowMs += byMs;
    this.#runtime.punctuate();
  }

  /** Commits every task, as the runtime would: caches and stores flush, then output and changelogs are there, then the offsets. Goes on until everything that came of it is committed too. */
  commit(): void {
    this.#requireOpen();
    this.#runtime.commit();
  }

  /**
   * Ends a task, or all, without a commit and without asking the processors, and brings it up again: stores from their changelogs, inputs from the committed offsets. With at_least_once the brokers
   * keep a prefix, chosen by the seed, of what was on its way to each partition; with exactly_once nothing since the last commit. Throws `TopologyError` for an unknown task.
   */
  crash(scope: FaultScope = {}): void {
    this.#requireOpen();
    this.#runtime.crash(scope);
  }

  /** Moves a task, or all, to another instance: commit, close, restore from the changelogs. Throws `TopologyError` for an unknown task. */
  rebalance(scope: Pick<FaultScope, 'task'> = {}): void {
    this.#requireOpen();
    this.#runtime.rebalance(scope);
  }

  /** Waits for serdes that had to load something, and goes on with the records that needed it. */
  async settle(): Promise<void> {
    for (let pending = this.#pending(); pending.length > 0; pending = this.#pending()) {
      await Promise.all(pending);
      this.#runtime.runToRest();
    }
  }

  /** Every store, global ones too, by name: its parts in partition order. */
  allStateStores(): ReadonlyMap<string, readonly StateStore[]> {
    const found = new Map<string, StateStore[]>();
    const add = (store: StateStore, name: string): void => void found.set(name, [...(found.get(name) ?? []), store]);
    for (const { task } of this.#runtime.tasks) task.stores.forEach(add);
    this.#globals.stores.forEach(add);
    return found;
  }

  /** A store to read or to fill, global ones too. After its task crashed or moved, ask again. Throws `TopologyError` for an unknown name. */
  store(name: string, partition = 0): StateStore {
    const owner = this.#runtime.tasks.find(({ task }) => task.partition === partition && task.stores.has(name));
    const store = owner?.task.stores.get(name) ?? this.#globals.stores.get(name);
    if (store === undefined) throw new TopologyError(`there is no store ${name} in partition ${partition}`);
    return store;
  }

  keyValueStore<K, V>(name: string, partition = 0): KeyValueStore<K, V> {
    return this.#storeOf(name, partition, 'key-value') as KeyValueStore<K, V>;
  }

  /** Throws `TopologyError` also for a key-value store without versions. */
  versionedKeyValueStore<K, V>(name: string, partition = 0): VersionedKeyValueStore<K, V> {
    const store = this.#storeOf(name, partition, 'key-value');
    if (!('historyMs' in store)) throw new TopologyError(`store ${name} keeps no versions`);
    return store as VersionedKeyValueStore<K, V>;
  }

  windowStore<K, V>(name: string, partition = 0): WindowStore<K, V> {
    return this.#storeOf(name, partition, 'window') as WindowStore<K, V>;
  }

  sessionStore<K, V>(name: string, partition = 0): SessionStore<K, V> {
    return this.#storeOf(name, partition, 'session') as SessionStore<K, V>;
  }

  /** Closes processors and stores. What was produced can still be read; whatever would run the topology again throws `StreamsError` (STREAMS_INVALID_STATE). */
  close(): void {
    this.#isClosed = true;
    for (const { task } of this.#runtime.tasks) task.close();
    this.#globals.close();
  }

  #storeOf(name: string, partition: number, kind: StateStore['kind']): StateStore {
    const store = this.store(name, partition);
    if (store.kind !== kind) throw new TopologyError(`store ${name} is a ${store.kind} store, not a ${kind} store`);
    return store;
  }

  #open<K, V>({ name, key, value }: Topic<K, V>): { key: Codec<K>; value: Codec<V> } {
    return { key: this.#codecs.open(key, name, 'key'), value: this.#codecs.open(value, name, 'value') };
  }

  #pipe(
    topic: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    options: PipeOptions,
  ): void {
    this.#requireOpen();
    const partition = this.#partitionFor(topic, key, options.partition);
    this.#runtime.receive(new PagedRecord(topic, partition, timestamp, key, value, options.headers));
    this.#runtime.runToRest();
  }

  #partitionFor(topic: string, key: Uint8Array | null, wanted: number | undefined): number {
    const count = this.#topics.partitionsOf(topic);
    if (wanted !== undefined) {
      if (Number.isInteger(wanted) && wanted >= 0 && wanted < count) return wanted;
      const message = `topic ${topic} has no partition ${wanted}; allowed: 0 to ${count - 1}`;
      throw new TopologyError(message, { context: { topic } });
    }
    return key === null ? this.#keylessTurn++ % count : partitionForKey(key, count);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new StreamsError('STREAMS_INVALID_STATE', 'the driver is closed; make a new one');
  }

  #pending(): Promise<void>[] {
    return this.#runtime.tasks.flatMap(({ task: { pending } }) => (pending === undefined ? [] : [pending]));
  }
}

/** Source topics of tables that serve as their changelogs. */
function sourceChangelogsOf({ internalTopics }: TopologyPlan): ReadonlySet<string> {
  return new Set(internalTopics.filter(({ kind }) => kind === 'source-changelog').map(({ name }) => name));
}

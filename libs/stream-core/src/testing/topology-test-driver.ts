import { TopologyError } from '../errors.ts';
import type { DropReason } from '../processor/drop-reason.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import { partitionForKey } from '../processor/partitioner.ts';
import { GlobalStores } from '../runtime/global-stores.ts';
import type { StreamTask } from '../runtime/stream-task.ts';
import type { ErrorHandler } from '../runtime/task-handlers.ts';
import type { Codec, SchemaSource } from '../serde/serde.ts';
import type { KeyValueStore } from '../state/key-value-store.ts';
import type { StateStore } from '../state/state-store.ts';
import type { SessionStore } from '../state/session-store.ts';
import { CacheBudget } from '../state/write-back-cache.ts';
import type { WindowStore } from '../state/window-store.ts';
import type { Topic } from '../topology/topic.ts';
import { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Topology } from '../topology/topology.ts';
import { DriverLog, fetchOf } from './driver-log.ts';
import type { ProducedRecord } from './driver-log.ts';
import { DriverTopics, makeTasks, readerOf } from './driver-tasks.ts';
import type { DriverPartitions } from './driver-tasks.ts';
import { TestInputTopic } from './test-input-topic.ts';
import type { PipeOptions } from './test-input-topic.ts';
import { TestOutputTopic } from './test-output-topic.ts';

/** How the driver runs a topology. */
export interface TopologyTestDriverOptions {
  /** Default `app`. */
  readonly applicationId?: string | undefined;
  /** Where the virtual wall clock starts, milliseconds. Default 0. */
  readonly initialWallClockTimeMs?: number | undefined;
  /** Partitions of the topics that are not internal; the internal ones then follow the co-partitioning rules. Default: one of every topic, unchecked. */
  readonly partitions?: DriverPartitions | undefined;
  /** Bytes that caches of stores may take together: with any, a record's changes go downstream at the commit after it, the last one of each key. Default 0: none. */
  readonly cacheMaxBytes?: number | undefined;
  /** For serdes that need schemas; one in memory. */
  readonly schemas?: SchemaSource | undefined;
  /** Default: fail. */
  readonly deserializationHandler?: ErrorHandler | undefined;
  /** Default: fail. */
  readonly processingHandler?: ErrorHandler | undefined;
}

/**
 * Runs a topology without Kafka: real bytes, real tasks, virtual time, synchronous. After each record stream-time punctuators run, the task commits, and what was written to a topic that the
 * topology reads is read, until nothing is left: an input's results are there when `pipeInput` returns. Stored values are frozen unless their node says `mutates`.
 */
export class TopologyTestDriver {
  readonly #plan: TopologyPlan;
  readonly #topics: DriverTopics;
  readonly #codecs: TopologyCodecs;
  readonly #globals: GlobalStores;
  readonly #globalTopics: ReadonlySet<string>;
  readonly #log: DriverLog;
  readonly #tasks: readonly StreamTask[];
  readonly #offsets = new Map<string, number>();
  #nowMs: number;
  /** Records of the log that have been handed to the tasks that read them. */
  #routed = 0;
  #keylessTurn = 0;

  /** For serdes that are ready at once; with others use `create`. */
  constructor(topology: Topology, options: TopologyTestDriverOptions = {}) {
    this.#nowMs = options.initialWallClockTimeMs ?? 0;
    this.#plan = topology.plan(options.applicationId ?? 'app');
    this.#topics = new DriverTopics(this.#plan, options.partitions);
    this.#codecs = new TopologyCodecs(this.#plan, options.schemas);
    this.#globals = new GlobalStores(this.#plan, this.#codecs);
    this.#globalTopics = new Set(this.#globals.topics);
    this.#log = new DriverLog((topic) => this.#topics.partitionsOf(topic));
    this.#tasks = makeTasks(this.#topics.counts, {
      topology,
      plan: this.#plan,
      codecs: this.#codecs,
      collector: this.#log,
      globalStores: this.#globals,
      clock: () => this.#nowMs,
      freezeValues: true,
      cache: new CacheBudget(options.cacheMaxBytes ?? 0),
      deserializationHandler: options.deserializationHandler,
      processingHandler: options.processingHandler,
    });
    for (const task of this.#tasks) task.initialize();
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

  /** Everything written so far, in bytes and in order, changelogs and repartition topics included. */
  get produced(): readonly ProducedRecord[] {
    return this.#log.records;
  }

  /** Records left out so far, by reason, over all tasks. */
  get dropped(): ReadonlyMap<DropReason, number> {
    const dropped = new Map<DropReason, number>();
    for (const task of this.#tasks) {
      for (const [reason, count] of task.dropped) dropped.set(reason, (dropped.get(reason) ?? 0) + count);
    }
    if (this.#globals.dropped > 0) {
      dropped.set('null-key', (dropped.get('null-key') ?? 0) + this.#globals.dropped);
    }
    return dropped;
  }

  /** Sum of `dropped`. */
  get droppedRecords(): number {
    let sum = 0;
    for (const count of this.dropped.values()) sum += count;
    return sum;
  }

  /** A topic to write to. Throws `TopologyError` when nothing reads it. */
  createInputTopic<K, V>(topic: Topic<K, V>): TestInputTopic<K, V> {
    const { name } = topic;
    if (
      !this.#globalTopics.has(name) &&
      !this.#plan.subtopologies.some(({ sourceTopics }) => sourceTopics.includes(name))
    ) {
      throw new TopologyError(`topic ${name} is not read by the topology`, { context: { topic: name } });
    }
    return new TestInputTopic(name, this.#open(topic), (key, value, timestamp, options) => {
      this.#pipe(name, key, value, timestamp ?? this.#nowMs, options);
    });
  }

  /** A topic to read from; internal ones by their full names. */
  createOutputTopic<K, V>(topic: Topic<K, V>): TestOutputTopic<K, V> {
    return new TestOutputTopic(topic.name, this.#open(topic), this.#log.records);
  }

  /** Moves the wall clock and runs due wall-clock punctuators, each once. */
  advanceWallClockTime(byMs: number): void {
    this.#nowMs += byMs;
    for (const task of this.#tasks) {
      task.punctuate();
      this.#commit(task);
    }
    this.#route();
    this.#runToRest();
  }

  /** Waits for serdes that had to load something, and goes on with the records that needed it. */
  async settle(): Promise<void> {
    for (let pending = this.#pending(); pending.length > 0; pending = this.#pending()) {
      await Promise.all(pending);
      this.#runToRest();
    }
  }

  /** A store to read or to fill, global ones too. Throws `TopologyError` for an unknown name. */
  store(name: string, partition = 0): StateStore {
    const owner = this.#tasks.find((task) => task.partition === partition && task.stores.has(name));
    const store = owner?.stores.get(name) ?? this.#globals.stores.get(name);
    if (store === undefined) throw new TopologyError(`there is no store ${name} in partition ${partition}`);
    return store;
  }

  keyValueStore<K, V>(name: string, partition = 0): KeyValueStore<K, V> {
    return this.#storeOf(name, partition, 'key-value') as KeyValueStore<K, V>;
  }

  windowStore<K, V>(name: string, partition = 0): WindowStore<K, V> {
    return this.#storeOf(name, partition, 'window') as WindowStore<K, V>;
  }

  sessionStore<K, V>(name: string, partition = 0): SessionStore<K, V> {
    return this.#storeOf(name, partition, 'session') as SessionStore<K, V>;
  }

  /** Closes processors and stores. */
  close(): void {
    for (const task of this.#tasks) task.close();
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
    const partition = options.partition ?? this.#partitionFor(topic, key);
    const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
    const headers = options.headers ?? NO_HEADERS;
    this.#deliver({ topic, partition, timestamp, key: copy(key), value: copy(value), headers });
    this.#runToRest();
  }

  #partitionFor(topic: string, key: Uint8Array | null): number {
    const count = this.#topics.partitionsOf(topic);
    return key === null ? this.#keylessTurn++ % count : partitionForKey(key, count);
  }

  /** Hands a record to whoever reads its topic; to nobody, if nobody does. */
  #deliver(record: ProducedRecord): void {
    const { topic, partition, key, value, timestamp } = record;
    if (this.#globalTopics.has(topic)) {
      this.#globals.update(topic, key, value, timestamp);
      return;
    }
    const reader = readerOf(this.#tasks, record);
    if (reader === undefined) return;
    const place = `${topic}-${partition}`;
    const offset = this.#offsets.get(place) ?? 0;
    this.#offsets.set(place, offset + 1);
    reader.addRecords(fetchOf(record, offset));
  }

  #runToRest(): void {
    for (let processed = true; processed;) {
      processed = false;
      for (const task of this.#tasks) {
        while (task.process(1) > 0) {
          processed = true;
          this.#commit(task);
          this.#route();
        }
      }
    }
  }

  #commit(task: StreamTask): void {
    task.prepareCommit();
    task.markCommitted();
  }

  #route(): void {
    const { records } = this.#log;
    while (this.#routed < records.length) this.#deliver(records[this.#routed++] as ProducedRecord);
  }

  #pending(): Promise<void>[] {
    return this.#tasks.flatMap(({ pending }) => (pending === undefined ? [] : [pending]));
  }
}

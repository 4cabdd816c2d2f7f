/**
 * Everything of a running application that is made at its start and gone at its end: clients, tasks, loops. Its order of
 * starting: topics → codecs → global tables → group → loop; of stopping: loop → commit → tasks → group → output → sockets.
 */
import { randomUUID } from 'node:crypto';
import { StreamsError } from '../errors.ts';
import { BatchProducer } from '../kafka/batch-producer.ts';
import { Fetcher } from '../kafka/fetcher.ts';
import { GroupMember } from '../kafka/group-member.ts';
import { KafkaClient } from '../kafka/kafka-client.ts';
import type { TopicPartition } from '../kafka/types.ts';
import { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Topology } from '../topology/topology.ts';
import { StreamsPartitionAssignor, tasksOf } from './assignment/streams-partition-assignor.ts';
import type { TaskId } from './assignment/task-id.ts';
import type { ChangeSignal } from './change-signal.ts';
import { GlobalStores } from './global-stores.ts';
import { GlobalStreamThread } from './global-stream-thread.ts';
import { prepareTopics, type PreparedTopics } from './internal-topics.ts';
import { KafkaRecordCollector } from './kafka-record-collector.ts';
import { RepartitionPurger } from './repartition-purger.ts';
import { Acknowledgements } from './query/acknowledgements.ts';
import { StoreChangelogReader } from './restore/store-changelog-reader.ts';
import { StreamTask } from './stream-task.ts';
import { StreamThread } from './stream-thread.ts';
import type { ResolvedStreamsConfig } from './streams-config.ts';
import type { StreamsCounters } from './streams-metrics.ts';
import { TaskCommitter } from './task-committer.ts';
import { continueOnError, failOnError } from './task-handlers.ts';
import { TaskManager } from './task-manager.ts';

/** What the application gives its instance. */
export interface InstanceOptions {
  readonly topology: Topology;
  readonly plan: TopologyPlan;
  readonly config: ResolvedStreamsConfig;
  readonly counters: StreamsCounters;
  readonly changes: ChangeSignal;
  readonly onStateChange: (state: 'REBALANCING' | 'RUNNING') => void;
  readonly onError: (error: unknown) => void;
}

export class StreamsInstance {
  /** Of a static member its name: when it comes back the broker may give it the assignment that its predecessor had. */
  readonly processId: string;
  readonly client: KafkaClient;
  readonly codecs: TopologyCodecs;
  readonly producer: BatchProducer;
  readonly fetcher: Fetcher;
  readonly acknowledgements: Acknowledgements;
  readonly changelogs: StoreChangelogReader;
  private readonly options: InstanceOptions;
  private parts: StartedParts | undefined;
  private globals: GlobalStreamThread | undefined;
  private stopped = false;

  constructor(options: InstanceOptions) {
    const { config, plan, counters } = options;
    this.options = options;
    this.processId = config.groupInstanceId ?? randomUUID();
    this.client = new KafkaClient({ logger: config.logger, ...config.kafka });
    this.codecs = new TopologyCodecs(plan, config.schemas);
    this.producer = new BatchProducer(this.client, { ...config.producer, onProgress: () => this.onProduced() });
    this.acknowledgements = new Acknowledgements(this.producer);
    this.fetcher = new Fetcher(this.client, {
      maxBufferedBytes: config.maxBufferedBytes,
      onOutOfRange: config.offsetReset,
    });
    this.changelogs = new StoreChangelogReader({
      client: this.client,
      createFetcher: (fetcherOptions) => new Fetcher(this.client, fetcherOptions),
      sliceMs: config.sliceMs,
      counters,
      logger: config.logger,
    });
  }

  /** Undefined until topics are checked and global tables filled. */
  get started(): StartedParts | undefined {
    return this.parts;
  }

  /** Resolves when the group is being joined. Rejects with what is wrong with topics, schemas or the cluster. */
  async start(): Promise<void> {
    const { plan, config } = this.options;
    const deadLetters = [config.handlers.deserialization, config.handlers.processing].some(
      (handler) => handler !== failOnError && handler !== continueOnError,
    );
    const topics = await prepareTopics(this.client, plan, {
      replicationFactor: config.replicationFactor,
      configs: config.internalTopicConfigs,
      deadLetters,
      logger: config.logger,
    });
    await this.codecs.ready();
    this.throwIfStopped();
    const globalStores = new GlobalStores(plan, this.codecs);
    this.globals = this.globalThread(globalStores, topics);
    await this.globals.start();
    this.throwIfStopped();
    this.parts = this.assemble(topics, globalStores, this.globals);
    this.parts.member.start();
    this.parts.thread.start();
  }

  /** Ends everything; with `commit` after what has been processed is committed. Never rejects. */
  async stop({ commit }: { commit: boolean }): Promise<void> {
    const { parts } = this;
    this.stopped = true;
    this.acknowledgements.rejectAll(new StreamsError('STREAMS_INVALID_STATE', 'the application is ending'));
    if (parts !== undefined) {
      await parts.thread.stop();
      if (commit) await parts.committer.commit(parts.tasks.all);
      parts.tasks.closeAll();
      await this.quietly(parts.member.leave(), 'leaving the group failed');
    }
    if (this.globals !== undefined) await this.quietly(this.globals.stop(), 'stopping the global tables failed');
    await this.quietly(this.fetcher.close(), 'closing the fetcher failed');
    await this.quietly(this.producer.close(commit ? undefined : 0), 'closing the producer failed');
    this.abandon();
  }

  /** Closes the sockets at once, whatever is under way. */
  abandon(): void {
    void this.quietly(this.client.close(), 'closing the client failed');
  }

  /** Between the steps of a start: the application may have been closed during the last one. */
  private throwIfStopped(): void {
    if (this.stopped) throw new StreamsError('STREAMS_INVALID_STATE', 'the application was closed while it started');
  }

  private assemble(topics: PreparedTopics, globalStores: GlobalStores, globals: GlobalStreamThread): StartedParts {
    const { config, counters, plan, changes, onStateChange, onError } = this.options;
    const { client, fetcher, producer, codecs, changelogs } = this;
    const { logger } = config;
    const collector = new KafkaRecordCollector(producer, topics.partitions);
    const purger = new RepartitionPurger({
      topics: new Set(plan.subtopologies.flatMap(({ repartitionTopics }) => repartitionTopics)),
      intervalMs: config.repartitionPurgeIntervalMs,
      deleteRecords: (before) => client.deleteRecords(before),
      logger,
    });
    const committer = new TaskCommitter({
      producer,
      commitOffsets: (offsets) => member.commit(offsets),
      canCommit: () => member.membership !== undefined,
      onCommitted: (offsets) => purger.onCommitted(offsets),
      intervalMs: config.commitIntervalMs,
      onError,
      counters,
      logger,
    });
    const tasks: TaskManager = new TaskManager({
      processId: this.processId,
      applicationServer: config.applicationServer,
      client,
      fetcher,
      committed: (partitions) => member.committed(partitions),
      requestRejoin: (reason) => member.requestRejoin(reason),
      committer,
      changelogs,
      codecs,
      createTask: (id) => this.createTask(id, collector, globalStores),
      inputsOf: (id) => inputsOf(plan, topics, id),
      offsetReset: config.offsetReset,
      changes,
      wake: () => thread.wake(),
      onStateChange,
      onError,
      counters,
      logger,
    });
    const thread = new StreamThread({
      fetcher,
      producer,
      collector,
      tasks,
      committer,
      clock: config.clock,
      sliceMs: config.sliceMs,
      maxBufferedBytes: config.maxBufferedBytes,
      taskOf: taskFinder(plan, tasks),
      onCaughtUp: () => changes.fire(),
      onError,
      counters,
    });
    const member = this.member(topics, tasks);
    return { topics, tasks, thread, committer, member, globals, globalStores };
  }

  private member(topics: PreparedTopics, tasks: TaskManager): GroupMember {
    const { config, plan } = this.options;
    const sources = [...new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics))];
    const assignor = new StreamsPartitionAssignor({
      tasks: tasksOf(topics.tasks),
      topics: sources,
      inputsOf: (task) => inputsOf(plan, topics, task),
      subscription: () => ({
        processId: this.processId,
        applicationServer: config.applicationServer,
        ...tasks.owned(),
      }),
    });
    return new GroupMember(this.client, {
      groupId: config.applicationId,
      ...(config.groupInstanceId === undefined ? {} : { groupInstanceId: config.groupInstanceId }),
      topics: sources,
      assignor,
      hooks: tasks,
      sessionTimeoutMs: config.sessionTimeoutMs,
      rebalanceTimeoutMs: config.rebalanceTimeoutMs,
      heartbeatIntervalMs: config.heartbeatIntervalMs,
    });
  }

  private createTask(id: TaskId, collector: KafkaRecordCollector, globalStores: GlobalStores): StreamTask {
    const { topology, plan, config } = this.options;
    return new StreamTask({
      topology,
      plan,
      subtopology: id.subtopology,
      partition: id.partition,
      codecs: this.codecs,
      collector,
      globalStores,
      clock: config.clock,
      deserializationHandler: config.handlers.deserialization,
      processingHandler: config.handlers.processing,
    });
  }

  private globalThread(stores: GlobalStores, topics: PreparedTopics): GlobalStreamThread {
    const { config, counters, onError } = this.options;
    return new GlobalStreamThread({
      client: this.client,
      stores,
      partitions: topics.partitions,
      sliceMs: config.sliceMs,
      skipRecord: (place, error) => {
        const skip = config.handlers.deserialization !== failOnError;
        if (skip) {
          counters.drop('global-table-record');
          config.logger.warn({ ...place, err: error }, 'a record of a global table cannot be read and is left out');
        }
        return skip;
      },
      onError,
      logger: config.logger,
    });
  }

  /** After each of the producer's answers: who waits for it is told first, then the handler decides about a failure. */
  private onProduced(): void {
    const { config, counters, onError } = this.options;
    this.acknowledgements.onProgress();
    const { error } = this.producer;
    if (error === undefined) return;
    if (config.handlers.production(error) === 'fail') {
      onError(error);
      return;
    }
    counters.drop('production-error');
    config.logger.warn({ err: error }, 'output was refused and is left out');
    this.producer.clearError();
  }

  private async quietly(work: Promise<void>, message: string): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.options.config.logger.warn({ err: error }, message);
    }
  }
}

/** What exists once the topics are known. */
export interface StartedParts {
  readonly topics: PreparedTopics;
  readonly tasks: TaskManager;
  readonly thread: StreamThread;
  readonly committer: TaskCommitter;
  readonly member: GroupMember;
  readonly globals: GlobalStreamThread;
  readonly globalStores: GlobalStores;
}

function inputsOf(plan: TopologyPlan, topics: PreparedTopics, { subtopology, partition }: TaskId): TopicPartition[] {
  const sources = plan.subtopologies.find(({ id }) => id === subtopology)?.sourceTopics ?? [];
  return sources
    .filter((topic) => partition < (topics.partitions.get(topic) ?? 0))
    .map((topic) => ({ topic, partition }));
}

/** A topic is read by one sub-topology only, so it and the partition say the task. */
function taskFinder(plan: TopologyPlan, tasks: TaskManager): (place: TopicPartition) => ReturnType<TaskManager['get']> {
  const subtopologyOf = new Map(
    plan.subtopologies.flatMap(({ id, sourceTopics }) => sourceTopics.map((topic) => [topic, id] as const)),
  );
  return ({ topic, partition }) => {
    const subtopology = subtopologyOf.get(topic);
    return subtopology === undefined ? undefined : tasks.get({ subtopology, partition });
  };
}

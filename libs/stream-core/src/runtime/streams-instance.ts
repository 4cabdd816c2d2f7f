/**
 * Everything of a running application that is made at its start and gone at its end: clients, tasks, loops. Its order of
 * starting: topics → codecs → state → global tables → group → loop; of stopping: loop → commit → group → tasks → state → output → sockets.
 */
import { randomUUID } from 'node:crypto';
import { StreamsError } from '../errors.ts';
import { Fetcher } from '../kafka/fetcher.ts';
import type { FetcherOptions } from '../kafka/fetcher-options.ts';
import { KafkaClient } from '../kafka/kafka-client.ts';
import type { RefusalPolicy } from '../kafka/refused-records.ts';
import type { IsolationLevel } from '../kafka/types.ts';
import { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { Topology } from '../topology/topology.ts';
import { GlobalStores } from './global-stores.ts';
import { skipsGlobalRecord } from './global-errors.ts';
import { GlobalStreamThread } from './global-stream-thread.ts';
import type { InstanceOptions } from './instance-options.ts';
import { assembleParts, type StartedParts } from './instance-parts.ts';
import { prepareTopics, type PreparedTopics } from './internal-topics.ts';
import { Acknowledgements } from './query/acknowledgements.ts';
import { StoreChangelogReader } from './restore/store-changelog-reader.ts';
import type { StateBackend, StoredTask } from './storage/state-backend.ts';
import { createStateBackend } from './storage/state-options.ts';
import { refusalPolicy } from './production-refusal.ts';
import { partitionCountOf } from './kafka-record-collector.ts';
import { outOfRangePolicy } from './start-offsets.ts';
import { createStreamsProducer, transactionalIdOf } from './streams-producer.ts';
import type { StreamsProducer } from './streams-producer.ts';
import { writesDeadLetters } from './task-handlers.ts';
import { writtenChangelogs } from './task-partitions.ts';
import { checkTopology } from './topology-check/check-topology.ts';
import { TopologyLog } from './topology-check/topology-log.ts';

/** A started application: made by `KafkaStreams.start`, used once. */
export class StreamsInstance {
  /** Of a static member its name: when it comes back the broker may give it the assignment that its predecessor had. */
  readonly processId: string;
  readonly client: KafkaClient;
  readonly codecs: TopologyCodecs;
  readonly producer: StreamsProducer;
  readonly fetcher: Fetcher;
  readonly acknowledgements: Acknowledgements;
  readonly changelogs: StoreChangelogReader;
  readonly backend: StateBackend;
  readonly #options: InstanceOptions;
  readonly #isolation: IsolationLevel;
  #parts: StartedParts | undefined;
  #globals: GlobalStreamThread | undefined;
  #stopped = false;
  /** What the production handler could not let pass, until it has been told. */
  #refusal: unknown;

  constructor(options: InstanceOptions) {
    const { config, plan, counters } = options;
    this.#options = options;
    this.processId = config.groupInstanceId ?? randomUUID();
    this.backend = createStateBackend(config.state, { ...config, outages: counters.outages });
    this.client = new KafkaClient({ logger: config.logger, retryTimeoutMs: config.taskTimeoutMs, ...config.kafka });
    this.codecs = new TopologyCodecs(plan, config.schemas);
    this.producer = createStreamsProducer(this.client, {
      ...config.producer,
      guarantee: config.processingGuarantee,
      // Read when a task is restored, and by standbys: at the latest a commit sends them.
      patientTopics: writtenChangelogs(plan),
      transactionalId: transactionalIdOf(config, this.processId),
      // A static member's successor has the same.
      isIdExclusive: config.groupInstanceId === undefined,
      transactionTimeoutMs: config.transactionTimeoutMs,
      mayWrite: () => this.#parts?.member.isSessionOver !== true,
      onRefused: this.#refusalPolicy(),
      onProgress: () => this.#onProduced(),
    });
    this.#isolation = this.producer.isTransactional ? 'read_committed' : 'read_uncommitted';
    this.acknowledgements = new Acknowledgements(this.producer);
    this.fetcher = new Fetcher(this.client, {
      isolation: this.#isolation,
      maxBufferedBytes: config.maxBufferedBytes,
      onOutOfRange: ({ topic }) => outOfRangePolicy(topic, { ...config, offsetResets: plan.offsetResets }),
    });
    this.changelogs = new StoreChangelogReader({
      client: this.client,
      createFetcher: (fetcherOptions) => this.#createFetcher(fetcherOptions),
      sliceMs: config.sliceMs,
      counters,
      listeners: options.restoreListeners,
      logger: config.logger,
    });
  }

  /** Undefined until topics are checked and global tables filled. */
  get started(): StartedParts | undefined {
    return this.#parts;
  }

  /** Resolves when the group is being joined. Rejects with what is wrong with topics, schemas or the cluster. */
  async start(): Promise<void> {
    const { topology, plan, config } = this.#options;
    const { deserialization, processing, production } = config.handlers;
    const { applicationId, replicationFactor, logger } = config;
    const log = new TopologyLog(this.client, { applicationId, replicationFactor });
    const topics = await prepareTopics(this.client, plan, {
      replicationFactor,
      configs: config.internalTopicConfigs,
      deadLetters: writesDeadLetters([deserialization, processing]) || writesDeadLetters([production]),
      anySinkTopic: hasNamingSink(topology),
      checkTopology: (shape, existing) =>
        checkTopology(shape, existing, { applicationId, changes: config.topologyChanges, log, logger }),
      logger,
    });
    await this.codecs.ready();
    await this.backend.open();
    this.#throwIfStopped();
    const stored = storedPositions(await this.backend.storedTasks());
    await this.producer.begin();
    this.#throwIfStopped();
    const globalStores = new GlobalStores(plan, this.codecs);
    this.#globals = this.#globalThread(globalStores, topics);
    await this.#globals.start();
    this.#throwIfStopped();
    const options = this.#options;
    const globals = this.#globals;
    const { processId, client, producer, fetcher, codecs, changelogs, backend } = this;
    this.#parts = assembleParts({
      options,
      processId,
      client,
      producer,
      abort: () => this.#abort(),
      fetcher,
      createFetcher: (fetcherOptions) => this.#createFetcher(fetcherOptions),
      codecs,
      changelogs,
      backend,
      stored,
      topics,
      globals,
      globalStores,
    });
    this.#parts.member.start();
    this.#parts.thread.start();
  }

  /** Ends everything; with `commit` after what has been processed is committed. Never rejects. */
  async stop({ commit }: { commit: boolean }): Promise<void> {
    const parts = this.#parts;
    this.#stopped = true;
    this.acknowledgements.rejectAll(new StreamsError('STREAMS_INVALID_STATE', 'the application is ending'));
    if (parts !== undefined) {
      await parts.thread.stop();
      if (commit) await parts.committer.commit(parts.tasks.all);
      // The others take over while the stores are closed here.
      const left = this.#quietly(parts.member.leave(), 'leaving the group failed');
      parts.tasks.closeAll();
      await left;
    }
    await this.#quietly(this.backend.close(), 'closing the state failed');
    if (this.#globals !== undefined) await this.#quietly(this.#globals.stop(), 'stopping the global tables failed');
    await this.#quietly(this.fetcher.close(), 'closing the fetcher failed');
    await this.#quietly(this.producer.close(commit ? undefined : 0), 'closing the producer failed');
    await this.#quietly(this.client.close(), 'closing the client failed');
  }

  /** Stops processing, and asks every instance of the application to end. Resolves when they have been told; undefined: this one has not come to the group yet. */
  shutDownApplication(reason: string): Promise<void> | undefined {
    const parts = this.#parts;
    if (parts === undefined) return undefined;
    return parts.thread.stop().then(() => {
      parts.tasks.closeAll();
      return parts.shutdown.ask(reason);
    });
  }

  /** Closes the sockets at once, whatever is under way. */
  abandon(): void {
    void this.#quietly(this.client.close(), 'closing the client failed');
  }

  /** Between the steps of a start: the application may have been closed during the last one. */
  #throwIfStopped(): void {
    if (this.#stopped) throw new StreamsError('STREAMS_INVALID_STATE', 'the application was closed while it started');
  }

  /** Who waits for what is taken back is told first. */
  #abort(): Promise<void> {
    this.acknowledgements.rejectAll(new StreamsError('STREAMS_INVALID_STATE', 'what was not committed is taken back'));
    return this.producer.abort();
  }

  #createFetcher(options: FetcherOptions): Fetcher {
    return new Fetcher(this.client, { ...options, isolation: this.#isolation });
  }

  #globalThread(stores: GlobalStores, topics: PreparedTopics): GlobalStreamThread {
    const { config, counters, onError } = this.#options;
    return new GlobalStreamThread({
      client: this.client,
      createFetcher: (fetcherOptions) => this.#createFetcher(fetcherOptions),
      isolation: this.#isolation,
      stores,
      partitions: topics.partitions,
      sliceMs: config.sliceMs,
      skipRecord: (failed) => skipsGlobalRecord(failed, { ...config, counters }),
      onError,
      logger: config.logger,
    });
  }

  /** After each of the producer's answers: who waits for it is told first, then what ends the application. */
  #onProduced(): void {
    this.acknowledgements.onProgress();
    const error = this.#refusal;
    this.#refusal = undefined;
    if (error !== undefined) this.#options.onError(error);
  }

  #refusalPolicy(): RefusalPolicy {
    const { config, counters } = this.#options;
    return refusalPolicy({
      handler: config.handlers.production,
      isTransactional: config.processingGuarantee === 'exactly_once',
      partitionCount: (topic) => partitionCountOf(this.#parts?.topics.partitions ?? new Map(), topic),
      onDropped: (records, error) => {
        counters.drop('production-error', records);
        config.logger.warn({ err: error, records }, 'output was refused and is left out');
      },
      onDeadLetters: (count) => {
        counters.deadLetters += count;
      },
      onError: (error) => {
        this.#refusal = error;
      },
    });
  }

  async #quietly(work: Promise<void>, message: string): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#options.config.logger.warn({ err: error }, message);
    }
  }
}

/** By task: the sum over its stores of where what is stored ends. */
const storedPositions = (tasks: readonly StoredTask[]): Map<string, number> =>
  new Map(
    tasks.map(({ taskId, checkpoint }) => [
      taskId,
      Object.values(checkpoint.changelogs).reduce((sum, offset) => sum + offset, 0),
    ]),
  );

/** A sink whose topic is a function: the plan does not know its topics. */
const hasNamingSink = ({ graph }: Topology): boolean =>
  [...graph.nodes.values()].some((node) => node.kind === 'sink' && typeof node.topic === 'function');

/** Wires what moves records in an instance: tasks, commits, the loop and the group membership. */
import type { Fetcher } from '../kafka/fetcher.ts';
import { GroupMember } from '../kafka/group-member.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import { fenceTransactionalId } from '../kafka/transaction.ts';
import type { TopicPartition } from '../kafka/types.ts';
import { CacheBudget } from '../state/write-back-cache.ts';
import type { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import { StreamsPartitionAssignor, tasksOf } from './assignment/streams-partition-assignor.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import type { GlobalStores } from './global-stores.ts';
import type { GlobalStreamThread } from './global-stream-thread.ts';
import type { InstanceOptions } from './instance-options.ts';
import { InputWaits } from './input-waits.ts';
import type { PreparedTopics } from './internal-topics.ts';
import { KafkaRecordCollector } from './kafka-record-collector.ts';
import { RepartitionPurger } from './repartition-purger.ts';
import type { StoreChangelogReader } from './restore/store-changelog-reader.ts';
import { retryWhileAway } from './storage/retry-while-away.ts';
import type { StateBackend } from './storage/state-backend.ts';
import { beginTask } from './storage/task-beginning.ts';
import type { StreamTaskOptions } from './stream-task-options.ts';
import { StreamTask } from './stream-task.ts';
import { StreamThread } from './stream-thread.ts';
import { transactionalIdOf } from './streams-producer.ts';
import type { StreamsProducer } from './streams-producer.ts';
import { TaskCommitter } from './task-committer.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';
import { TaskManager } from './task-manager.ts';

/** What exists before: connections, and what was found at the start. */
export interface PartsBase {
  readonly options: InstanceOptions;
  readonly processId: string;
  readonly client: KafkaClient;
  readonly producer: StreamsProducer;
  /** Takes back what is not committed. */
  readonly abort: () => Promise<void>;
  readonly fetcher: Fetcher;
  readonly codecs: TopologyCodecs;
  readonly changelogs: StoreChangelogReader;
  readonly backend: StateBackend;
  readonly topics: PreparedTopics;
  readonly globals: GlobalStreamThread;
  readonly globalStores: GlobalStores;
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

/** Makes the parts; nothing runs before `member.start()` and `thread.start()`. */
export function assembleParts(base: PartsBase): StartedParts {
  const { client, fetcher, producer, topics, globals, globalStores, options } = base;
  const { config, counters, plan, changes, onStateChange, onError } = options;
  const { logger } = config;
  const collector = new KafkaRecordCollector(producer, topics.partitions);
  const { maxTaskIdleMs, clock } = config;
  const waits = new InputWaits({ fetcher, maxTaskIdleMs, isFull: () => thread.isFull, clock });
  const shared = {
    collector,
    cache: new CacheBudget(config.cacheMaxBytes),
    awaitsMore: (input: TopicPartition) => waits.awaitsMore(input),
  };
  const committer = makeCommitter(
    base,
    () => member,
    () => tasks,
  );
  const tasks: TaskManager = new TaskManager({
    processId: base.processId,
    applicationServer: config.applicationServer,
    client,
    fetcher,
    committed: (partitions) => member.committed(partitions),
    requestRejoin: (reason) => member.requestRejoin(reason),
    committer,
    fence: producer.isTransactional
      ? (processId) => fenceTransactionalId(client.cluster, transactionalIdOf(config, processId))
      : undefined,
    abort: base.abort,
    begin: beginner(base),
    changelogs: base.changelogs,
    codecs: base.codecs,
    createTask: (id) => createTask(base, id, shared),
    inputsOf: (id) => inputsOf(plan, topics, id),
    startOffsets: { offsetReset: config.offsetReset, offsetResets: plan.offsetResets, now: Date.now },
    changes,
    wake: () => thread.wake(),
    onStateChange,
    onError,
    counters,
    logger,
  });
  const thread: StreamThread = new StreamThread({
    fetcher,
    producer,
    collector,
    tasks,
    committer,
    waits,
    clock,
    sliceMs: config.sliceMs,
    maxBufferedBytes: config.maxBufferedBytes,
    taskOf: taskFinder(plan, tasks),
    onCaughtUp: () => changes.fire(),
    onError,
    counters,
  });
  const member = makeMember(base, tasks);
  return { topics, tasks, thread, committer, member, globals, globalStores };
}

function makeCommitter(
  { client, producer, options }: PartsBase,
  member: () => GroupMember,
  tasks: () => TaskManager,
): TaskCommitter {
  const { config, plan, counters, onError } = options;
  const purger = new RepartitionPurger({
    topics: new Set(plan.subtopologies.flatMap(({ repartitionTopics }) => repartitionTopics)),
    intervalMs: config.repartitionPurgeIntervalMs,
    deleteRecords: (before) => client.deleteRecords(before),
    logger: config.logger,
  });
  return new TaskCommitter({
    commitOutput: (offsets, makeDurable) => producer.commit(member(), offsets, makeDurable),
    transaction: producer.isTransactional
      ? { allTasks: () => tasks().all, takeBack: (error) => tasks().takeBack(error) }
      : undefined,
    canCommit: () => member().membership !== undefined,
    onCommitted: (offsets) => purger.onCommitted(offsets),
    intervalMs: config.commitIntervalMs,
    onError,
    counters,
    logger: config.logger,
  });
}

/** Brings a task's stored state up, for as long as it takes while the storage is away. */
function beginner({ client, options: { config } }: PartsBase): TaskManagerOptions['begin'] {
  const { processingGuarantee: guarantee, clock, logger } = config;
  return (task, committed, signal) =>
    retryWhileAway(() => beginTask(task, committed, { client, guarantee, clock }), logger, signal);
}

function makeMember({ client, processId, producer, topics, options }: PartsBase, tasks: TaskManager): GroupMember {
  const { config, plan } = options;
  const isolation = producer.isTransactional ? 'read_committed' : 'read_uncommitted';
  const sources = [...new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics))];
  const { applicationServer } = config;
  const assignor = new StreamsPartitionAssignor({
    tasks: tasksOf(topics.tasks),
    topics: sources,
    inputsOf: (task) => inputsOf(plan, topics, task),
    changelogsOf: (task) => changelogsOf(plan, task),
    listOffsets: (partitions, at) => client.listOffsets(partitions, at, isolation),
    settings: { acceptableRecoveryLag: Number.MAX_SAFE_INTEGER, maxWarmupReplicas: 0, numStandbyReplicas: 0 },
    subscription: () => ({ processId, applicationServer, ...tasks.owned(), positions: new Map(), tags: {} }),
  });
  return new GroupMember(client, {
    groupId: config.applicationId,
    ...(config.groupInstanceId === undefined ? {} : { groupInstanceId: config.groupInstanceId }),
    topics: sources,
    assignor,
    hooks: {
      onRevoked: () => tasks.onRevoked(),
      onAssigned: (assignment, membership) => tasks.onAssigned(assignment, membership),
      onLost: (reason) => tasks.onLost(reason),
      onError: (error) => tasks.onError(error),
    },
    sessionTimeoutMs: config.sessionTimeoutMs,
    rebalanceTimeoutMs: config.rebalanceTimeoutMs,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
  });
}

function createTask(
  { options, codecs, globalStores, producer, processId, backend }: PartsBase,
  id: TaskId,
  shared: Pick<StreamTaskOptions, 'collector' | 'cache' | 'awaitsMore'>,
): StreamTask {
  const { topology, plan, config } = options;
  return new StreamTask({
    topology,
    plan,
    subtopology: id.subtopology,
    partition: id.partition,
    codecs,
    ...shared,
    globalStores,
    storage: backend.openTask(formatTaskId(id)),
    follow: (topic, partition, end) => producer.follow(topic, partition, end),
    clock: config.clock,
    owner: producer.isTransactional ? processId : undefined,
    deserializationHandler: config.handlers.deserialization,
    processingHandler: config.handlers.processing,
  });
}

function inputsOf(plan: TopologyPlan, topics: PreparedTopics, { subtopology, partition }: TaskId): TopicPartition[] {
  const sources = plan.subtopologies.find(({ id }) => id === subtopology)?.sourceTopics ?? [];
  return sources
    .filter((topic) => partition < (topics.partitions.get(topic) ?? 0))
    .map((topic) => ({ topic, partition }));
}

function changelogsOf(plan: TopologyPlan, { subtopology, partition }: TaskId): TopicPartition[] {
  const stores = plan.subtopologies.find(({ id }) => id === subtopology)?.stores ?? [];
  return stores.flatMap(({ changelogTopic }) =>
    changelogTopic === undefined ? [] : [{ topic: changelogTopic, partition }],
  );
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

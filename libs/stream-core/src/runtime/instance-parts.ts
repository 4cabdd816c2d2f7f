/** Wires what moves records in an instance: tasks, commits, the loop and the group membership. */
import { GroupMember } from '../kafka/group-member.ts';
import type { TopicPartition } from '../kafka/types.ts';
import { CacheBudget } from '../state/write-back-cache.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import { StreamsPartitionAssignor, tasksOf } from './assignment/streams-partition-assignor.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import { ApplicationShutdown } from './application-shutdown.ts';
import type { GlobalStores } from './global-stores.ts';
import type { GlobalStreamThread } from './global-stream-thread.ts';
import type { StandbyTasks } from './standby-tasks.ts';
import { makeTasks } from './instance-tasks.ts';
import { InputWaits } from './input-waits.ts';
import type { PreparedTopics } from './internal-topics.ts';
import { KafkaRecordCollector } from './kafka-record-collector.ts';
import { RepartitionPurger } from './repartition-purger.ts';
import type { StreamTaskOptions } from './stream-task-options.ts';
import { StreamTask } from './stream-task.ts';
import { writesDeadLetters } from './task-handlers.ts';
import { StreamThread, type StreamThreadOptions } from './stream-thread.ts';
import { TaskCommitter } from './task-committer.ts';
import type { TaskManager } from './task-manager.ts';
import { changelogsOf, inputsOf } from './task-partitions.ts';
import type { PartsBase } from './parts-base.ts';

/** What exists once the topics are known. */
export interface StartedParts {
  readonly topics: PreparedTopics;
  readonly tasks: TaskManager;
  readonly standbys: StandbyTasks;
  readonly thread: StreamThread;
  readonly committer: TaskCommitter;
  readonly member: GroupMember;
  readonly shutdown: ApplicationShutdown;
  readonly globals: GlobalStreamThread;
  readonly globalStores: GlobalStores;
}

/** Makes the parts; nothing runs before `member.start()` and `thread.start()`. */
export function assembleParts(base: PartsBase): StartedParts {
  const { fetcher, producer, topics, globals, globalStores } = base;
  const { maxTaskIdleMs, clock, cacheMaxBytes, handlers } = base.options.config;
  const collector = new KafkaRecordCollector(producer, topics.partitions, writesDeadLetters([handlers.production]));
  const waits = new InputWaits({ fetcher, maxTaskIdleMs, isFull: () => thread.isFull, clock });
  const shared = {
    collector,
    cache: new CacheBudget(cacheMaxBytes),
    awaitsMore: (input: TopicPartition) => waits.awaitsMore(input),
  };
  const committer = makeCommitter(
    base,
    () => member,
    () => tasks,
  );
  const { tasks, standbys } = makeTasks(base, {
    committer,
    createTask: (id) => createTask(base, id, shared),
    member: () => member,
    wake: () => thread.wake(),
  });
  const thread: StreamThread = makeThread(base, { collector, tasks, committer, waits });
  const shutdown = new ApplicationShutdown((reason) => member.requestRejoin(reason));
  const member: GroupMember = makeMember(base, tasks, shutdown);
  return { topics, tasks, standbys, thread, committer, member, shutdown, globals, globalStores };
}

function makeThread(
  { fetcher, producer, options }: PartsBase,
  parts: Pick<StreamThreadOptions, 'collector' | 'committer' | 'waits'> & { readonly tasks: TaskManager },
): StreamThread {
  const { config, plan, counters, changes, isPaused, onError } = options;
  const { clock, sliceMs, maxBufferedBytes } = config;
  return new StreamThread({
    fetcher,
    producer,
    ...parts,
    clock,
    sliceMs,
    maxBufferedBytes,
    taskOf: taskFinder(plan, parts.tasks),
    isPaused,
    onCaughtUp: () => changes.fire(),
    onError,
    counters,
  });
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
      ? {
          allTasks: () => tasks().all,
          confirmMembership: () => member().confirmMembership(),
          takeBack: (error) => tasks().takeBack(error),
        }
      : undefined,
    canCommit: () => member().membership !== undefined,
    onFenced: (task, error) => tasks().reclaim(task, error),
    onCommitted: (offsets) => purger.onCommitted(offsets),
    intervalMs: config.commitIntervalMs,
    maxRecords: config.commitRecords,
    maxBytes: config.commitBytes,
    timeoutMs: config.taskTimeoutMs,
    onError,
    counters,
    logger: config.logger,
  });
}

const ANYWHERE = { numStandbyReplicas: 0, acceptableRecoveryLag: Number.MAX_SAFE_INTEGER };

function makeMember(
  { client, processId, producer, topics, backend, options }: PartsBase,
  tasks: TaskManager,
  shutdown: ApplicationShutdown,
): GroupMember {
  const { config, plan } = options;
  const isolation = producer.isTransactional ? 'read_committed' : 'read_uncommitted';
  const sources = [...new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics))];
  const { applicationServer, clientTags } = config;
  const tags =
    applicationServer === undefined ? clientTags : { host: new URL(applicationServer).hostname, ...clientTags };
  const assignor = new StreamsPartitionAssignor({
    tasks: tasksOf(topics.tasks),
    topics: sources,
    inputsOf: (task) => inputsOf(plan, topics, task),
    changelogsOf: (task) => changelogsOf(plan, task),
    listOffsets: (partitions, at) => client.listOffsets(partitions, at, isolation),
    // State in Redis is wherever it is needed, and a second reader would take it from its owner.
    settings: backend.name === 'redis' ? { ...config, ...ANYWHERE } : config,
    subscription: () => ({ processId, applicationServer, ...tasks.owned(), tags, shutdown: shutdown.reason }),
  });
  return new GroupMember(client, {
    groupId: config.applicationId,
    ...(config.groupInstanceId === undefined ? {} : { groupInstanceId: config.groupInstanceId }),
    topics: sources,
    assignor,
    hooks: {
      onRevoked: () => tasks.onRevoked(),
      onAssigned: async (assignment, membership) => {
        const reason = shutdown.heardIn(assignment);
        if (reason === undefined) await tasks.onAssigned(assignment, membership);
        else options.onShutdown(reason);
      },
      onLost: (reason) => tasks.onLost(reason),
      onError: (error) => tasks.onError(error),
    },
    sessionTimeoutMs: config.sessionTimeoutMs,
    rebalanceTimeoutMs: config.rebalanceTimeoutMs,
    heartbeatIntervalMs: config.heartbeatIntervalMs,
  });
}

function createTask(
  { options, codecs, globalStores, producer, processId, backend, topics }: PartsBase,
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
    incarnation: topics.incarnation,
    clock: config.clock,
    owner: producer.isTransactional ? processId : undefined,
    deserializationHandler: config.handlers.deserialization,
    processingHandler: config.handlers.processing,
    productionHandler: config.handlers.production,
  });
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

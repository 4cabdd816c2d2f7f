/** Wires what holds the tasks of an instance: the active ones, standbys, and how either begins. */
import type { GroupMember } from '../kafka/group-member.ts';
import { fenceTransactionalId } from '../kafka/transaction.ts';
import type { TaskId } from './assignment/task-id.ts';
import type { PartsBase } from './parts-base.ts';
import { StandbyFeed } from './restore/standby-feed.ts';
import { StandbyTasks } from './standby-tasks.ts';
import { retryWhileAway } from './storage/retry-while-away.ts';
import { beginTask } from './storage/task-beginning.ts';
import type { StreamTask } from './stream-task.ts';
import { transactionalIdOf } from './streams-producer.ts';
import type { TaskCommitter } from './task-committer.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';
import { TaskManager } from './task-manager.ts';
import { inputsOf } from './task-partitions.ts';

/** What is made beside the tasks. */
export interface TasksParts {
  readonly committer: TaskCommitter;
  readonly createTask: (id: TaskId) => StreamTask;
  readonly member: () => GroupMember;
  readonly wake: () => void;
}

/** Makes the tasks' manager, and what it gives the standbys to. */
export function makeTasks(
  base: PartsBase,
  parts: TasksParts,
): { readonly tasks: TaskManager; readonly standbys: StandbyTasks } {
  const { client, fetcher, producer, topics, options, processId, abort, changelogs, codecs } = base;
  const { config, counters, plan, changes, onStateChange, onError } = options;
  const { logger } = config;
  const { committer, createTask, member, wake } = parts;
  const standbys = makeStandbys(base, parts, () => tasks);
  const tasks: TaskManager = new TaskManager({
    processId,
    applicationServer: config.applicationServer,
    client,
    isolation: producer.isTransactional ? 'read_committed' : 'read_uncommitted',
    fetcher,
    committed: (partitions, how) => member().committed(partitions, how),
    requestRejoin: (reason) => member().requestRejoin(reason),
    expectRebalance: () => member().expectRebalance(),
    confirmMembership: () => member().confirmMembership(),
    standbys,
    acceptableRecoveryLag: config.acceptableRecoveryLag,
    committer,
    fence: producer.isTransactional
      ? (processId) => fenceTransactionalId(client.cluster, transactionalIdOf(config, processId))
      : undefined,
    abort,
    begin: beginner(base),
    changelogs,
    stored: base.stored,
    codecs,
    createTask,
    inputsOf: (id) => inputsOf(plan, topics, id),
    startOffsets: { offsetReset: config.offsetReset, offsetResets: plan.offsetResets, now: Date.now },
    changes,
    wake,
    onStateChange,
    onError,
    counters,
    logger,
  });
  return { tasks, standbys };
}

/** Brings a task's stored state up, for as long as it takes while the storage is away. */
function beginner(
  { client, options: { config } }: PartsBase,
  guarantee = config.processingGuarantee,
): TaskManagerOptions['begin'] {
  const { clock, logger } = config;
  return (task, committed, signal) =>
    retryWhileAway(() => beginTask(task, committed, { client, guarantee, clock }), logger, signal);
}

function makeStandbys(base: PartsBase, { createTask, member }: TasksParts, tasks: () => TaskManager): StandbyTasks {
  const { client, codecs, changelogs, createFetcher, topics, options } = base;
  const { config, plan, counters } = options;
  const { logger, sliceMs } = config;
  // It only follows the changelogs, whatever the guarantee.
  const begin = beginner(base, 'exactly_once');
  const feed = new StandbyFeed({
    client,
    createFetcher,
    committed: (partitions) => member().committed(partitions),
    isRestoring: () => changelogs.isRestoring,
    onProgress: () => tasks().onStandbyProgress(),
    onFailed: (task, error) => standbys.fail(task, error),
    sliceMs,
    counters,
  });
  const standbys: StandbyTasks = new StandbyTasks({
    feed,
    createTask,
    begin: async (task, signal) => (await begin(task, { inputs: [], committed: [] }, signal)).tail ?? new Map(),
    inputsOf: (id) => inputsOf(plan, topics, id),
    codecs,
    isStateShared: base.backend.name === 'redis',
    logger,
  });
  return standbys;
}

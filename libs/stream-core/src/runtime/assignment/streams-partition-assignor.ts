/**
 * Hands out tasks through the consumer group protocol, incrementally: a task that moves is first taken from its owner
 * and given to the new one in the rebalance after that, so that no task ever has two owners and the tasks that stay are
 * processed all through the rebalance (the idea of KIP-429, on the eager protocol's messages). Where tasks are to be is
 * decided in `task-placement.ts`.
 *
 *     join (I own a, b) ──▶ leader: a stays, b is to move ──▶ assignment a ──▶ commit and close b, rejoin (I own a)
 *                                                                        ──▶ assignment of the new owner: b
 */
import type { GroupAssignor, JoinedMember } from '../../kafka/group-types.ts';
import {
  decodeAssignment as decodeConsumerAssignment,
  decodeSubscription as decodeConsumerSubscription,
  encodeAssignment as encodeConsumerAssignment,
  encodeSubscription as encodeConsumerSubscription,
} from '../../kafka/consumer-protocol.ts';
import type { PartitionOffset, TopicPartition } from '../../kafka/types.ts';
import {
  type AssignmentUserData,
  CURRENT,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type InstanceAssignment,
  type SubscriptionUserData,
} from './member-user-data.ts';
import type { AssignedTask, AssignmentSettings, AssignorMember, MemberPlacement } from './assignor-member.ts';
import { holdersOf } from './sticky-task-assignor.ts';
import { compareTaskIds, formatTaskId, type TaskId } from './task-id.ts';
import { placeTasks } from './task-placement.ts';

/** All instances of an application must speak the same protocol; its number changes when they could not understand each other. */
export const ASSIGNOR_NAME = 'playhead-streams-2';

/** Every task of an application, in task order; `counts` has the number of tasks of each sub-topology by its id. */
export function tasksOf(counts: ReadonlyMap<number, number>): TaskId[] {
  return [...counts]
    .flatMap(([subtopology, count]) => Array.from({ length: count }, (_, partition) => ({ subtopology, partition })))
    .sort(compareTaskIds);
}

/** What an assignor works with. */
export interface PartitionAssignorOptions {
  /** As of start-up: internal topics were made for them, so a source topic that grows later gets no new ones. */
  readonly tasks: readonly TaskId[];
  /** Every topic that tasks read. */
  readonly topics: readonly string[];
  /** The partitions that a task reads. */
  readonly inputsOf: (task: TaskId) => readonly TopicPartition[];
  /** Changelogs of a task's stores; empty: it has no state. */
  readonly changelogsOf: (task: TaskId) => readonly TopicPartition[];
  /** `KafkaClient.listOffsets`: asked at the leader, in each rebalance. */
  readonly listOffsets: (
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest',
  ) => Promise<readonly PartitionOffset[]>;
  readonly settings: AssignmentSettings;
  /** Asked at every join: what this instance holds at that moment. */
  readonly subscription: () => SubscriptionUserData;
}

/**
 * Kafka's view of the assignor: bytes in, bytes out. They have the consumer protocol's form, because the broker itself
 * reads the topics from them and Kafka's tools the partitions; what matters to us stands in the user data.
 */
export class StreamsPartitionAssignor implements GroupAssignor {
  readonly name = ASSIGNOR_NAME;
  readonly #options: PartitionAssignorOptions;

  constructor(options: PartitionAssignorOptions) {
    this.#options = options;
  }

  metadata(): Buffer {
    const { topics, inputsOf, subscription } = this.#options;
    const mine = subscription();
    return encodeConsumerSubscription({
      topics,
      userData: encodeSubscription(mine),
      ownedPartitions: mine.owned.flatMap(inputsOf),
    });
  }

  /** Rejects with what `listOffsets` rejects with. */
  async assign(members: readonly JoinedMember[]): Promise<Map<string, Buffer>> {
    const { inputsOf, settings } = this.#options;
    const subscriptions = new Map(
      members.map(({ memberId, metadata }) => [memberId, decodeSubscription(userDataOf(metadata))]),
    );
    const ending = [...subscriptions.values()].find(({ shutdown }) => shutdown !== undefined);
    if (ending !== undefined) return assignShutdown(members, ending.shutdown);
    const { placements, followUp } = assignIncrementally(await this.#logs(), subscriptions, settings);
    const placementOf = (memberId: string): MemberPlacement => placements.get(memberId) ?? NOTHING;
    const instances = [...subscriptions].map(([memberId, { processId, applicationServer }]): InstanceAssignment => {
      const { active, standby, warmup } = placementOf(memberId);
      return { processId, applicationServer, tasks: active, standbys: standby, warmups: warmup };
    });
    const userData = encodeAssignment({ instances, followUp });
    return new Map(
      members.map(({ memberId }) => {
        const partitions = placementOf(memberId).active.flatMap(inputsOf);
        return [memberId, encodeConsumerAssignment({ partitions, userData })];
      }),
    );
  }

  /** Where the changelogs of every task begin and end, as sums over its stores. */
  async #logs(): Promise<TaskLogs[]> {
    const { tasks, changelogsOf, listOffsets } = this.#options;
    const logs = tasks.map((id) => ({ id, changelogs: changelogsOf(id) }));
    const all = logs.flatMap(({ changelogs }) => changelogs);
    const [starts, ends] =
      all.length === 0 ? [[], []] : await Promise.all([listOffsets(all, 'earliest'), listOffsets(all, 'latest')]);
    let at = 0;
    return logs.map(({ id, changelogs }) => {
      const from = at;
      at += changelogs.length;
      return { id, isStateful: changelogs.length > 0, start: sum(starts, from, at), end: sum(ends, from, at) };
    });
  }
}

/** A task and its changelogs. */
export interface TaskLogs extends Pick<AssignedTask, 'id' | 'isStateful'> {
  /** Sum of first offsets. */
  readonly start: number;
  /** Sum of end offsets. */
  readonly end: number;
}

/** Nobody is to process anything any more. */
function assignShutdown(members: readonly JoinedMember[], shutdown: string | undefined): Map<string, Buffer> {
  const userData = encodeAssignment({ instances: [], followUp: false, shutdown });
  return new Map(members.map(({ memberId }) => [memberId, encodeConsumerAssignment({ partitions: [], userData })]));
}

const NOTHING: MemberPlacement = { active: [], standby: [], warmup: [] };

const sum = (offsets: readonly PartitionOffset[], from: number, to: number): number =>
  offsets.slice(from, to).reduce((total, { offset }) => total + offset, 0);

const NO_BYTES = Buffer.alloc(0);

const userDataOf = (metadata: Buffer): Buffer => decodeConsumerSubscription(metadata).userData ?? NO_BYTES;

/** Reads what `StreamsPartitionAssignor` gave a member; nobody has anything before the first assignment. */
export function readAssignment(assignment: Buffer): AssignmentUserData {
  const { userData } = decodeConsumerAssignment(assignment);
  return userData === null ? { instances: [], followUp: false } : decodeAssignment(userData);
}

/**
 * What each member may have now: the placement without the tasks that another member still holds. Their holders see them
 * missing, give them up and ask for the rebalance in which they are given out (`followUp`); who is to have one next
 * keeps its state up meanwhile.
 */
export function assignIncrementally(
  logs: readonly TaskLogs[],
  subscriptions: ReadonlyMap<string, SubscriptionUserData>,
  settings: AssignmentSettings,
): { readonly placements: Map<string, MemberPlacement>; readonly followUp: boolean } {
  const members = new Map(
    [...subscriptions].map(([memberId, subscription]) => [memberId, memberOf(memberId, subscription, logs)]),
  );
  const tasks = logs.map(({ id, isStateful, start, end }) => ({ id, isStateful, changelogLength: end - start }));
  const stateful = new Set(logs.filter(({ isStateful }) => isStateful).map(({ id }) => formatTaskId(id)));
  const placed = placeTasks(tasks, [...members.values()], settings);
  const holders = holdersOf([...members.values()]);
  let followUp = false;
  const placements = new Map<string, MemberPlacement>();
  for (const [memberId, { id }] of members) {
    const { active, standby, warmup } = placed.get(id) ?? NOTHING;
    const isFree = (task: TaskId): boolean => (holders.get(formatTaskId(task))?.id ?? id) === id;
    const waiting = active.filter((task) => !isFree(task));
    followUp ||= waiting.length > 0;
    const kept = waiting.filter((task) => stateful.has(formatTaskId(task)));
    placements.set(memberId, {
      active: active.filter(isFree),
      standby: [...standby, ...kept].sort(compareTaskIds),
      warmup,
    });
  }
  return { placements, followUp };
}

function memberOf(
  memberId: string,
  { processId, owned, generation, positions, tags }: SubscriptionUserData,
  logs: readonly TaskLogs[],
): AssignorMember {
  const lags = new Map<string, number>();
  for (const { id, start, end } of logs) {
    const name = formatTaskId(id);
    const position = positions.get(name);
    if (position !== undefined) lags.set(name, position === CURRENT ? 0 : Math.max(0, end - Math.max(start, position)));
  }
  return { id: `${processId}/${memberId}`, owned, generation, lags, tags };
}

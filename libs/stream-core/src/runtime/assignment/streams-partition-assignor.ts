/**
 * Hands out tasks through the consumer group protocol, incrementally: a task that moves is first taken from its owner
 * and given to the new one in the rebalance after that, so that no task ever has two owners and the tasks that stay are
 * processed all through the rebalance (the idea of KIP-429, on the eager protocol's messages).
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
import type { TopicPartition } from '../../kafka/types.ts';
import {
  type AssignmentUserData,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type InstanceAssignment,
  type SubscriptionUserData,
} from './member-user-data.ts';
import { assignTasks, holdersOf, type AssignorMember } from './sticky-task-assignor.ts';
import { compareTaskIds, formatTaskId, type TaskId } from './task-id.ts';

/** All instances of an application must speak the same protocol; its number changes when they could not understand each other. */
export const ASSIGNOR_NAME = 'playhead-streams-1';

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

  assign(members: readonly JoinedMember[]): Map<string, Buffer> {
    const { tasks, inputsOf } = this.#options;
    const subscriptions = new Map(
      members.map(({ memberId, metadata }) => [memberId, decodeSubscription(userDataOf(metadata))]),
    );
    const given = assignIncrementally(tasks, subscriptions);
    const instances: InstanceAssignment[] = [];
    for (const [memberId, { processId, applicationServer }] of subscriptions) {
      instances.push({ processId, applicationServer, tasks: given.get(memberId) ?? [] });
    }
    const userData = encodeAssignment({ instances });
    return new Map(
      members.map(({ memberId }) => {
        const partitions = (given.get(memberId) ?? []).flatMap(inputsOf);
        return [memberId, encodeConsumerAssignment({ partitions, userData })];
      }),
    );
  }
}

const NO_BYTES = Buffer.alloc(0);

const userDataOf = (metadata: Buffer): Buffer => decodeConsumerSubscription(metadata).userData ?? NO_BYTES;

/** Reads what `StreamsPartitionAssignor` gave a member; nobody has anything before the first assignment. */
export function readAssignment(assignment: Buffer): AssignmentUserData {
  const { userData } = decodeConsumerAssignment(assignment);
  return userData === null ? { instances: [] } : decodeAssignment(userData);
}

/**
 * The tasks each member may have now: the sticky assignment without the tasks that another member still holds. Their
 * holders see them missing, give them up and ask for the rebalance in which they are given out.
 */
export function assignIncrementally(
  tasks: readonly TaskId[],
  subscriptions: ReadonlyMap<string, SubscriptionUserData>,
): Map<string, readonly TaskId[]> {
  const members: AssignorMember[] = [...subscriptions].map(([memberId, { processId, owned, generation }]) => ({
    id: `${processId}/${memberId}`,
    owned,
    generation,
  }));
  const target = assignTasks(tasks, members);
  const holders = holdersOf(members);
  const isFree = (task: TaskId, id: string): boolean => (holders.get(formatTaskId(task))?.id ?? id) === id;
  return new Map(
    [...subscriptions].map(([memberId, { processId }]) => {
      const id = `${processId}/${memberId}`;
      return [memberId, (target.get(id) ?? []).filter((task) => isFree(task, id))];
    }),
  );
}

/**
 * Hands out tasks through the consumer group protocol, incrementally: a task that moves is first taken from its owner
 * and given to the new one in the rebalance after that, so that no task ever has two owners and the tasks that stay are
 * processed all through the rebalance (the idea of KIP-429, on the eager protocol's messages).
 *
 *     join (I own a, b) ──▶ leader: a stays, b is to move ──▶ assignment a ──▶ commit and close b, rejoin (I own a)
 *                                                                        ──▶ assignment of the new owner: b
 */
import type { GroupAssignor, JoinedMember } from '../../kafka/group-member.ts';
import {
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type InstanceAssignment,
  type SubscriptionUserData,
} from './member-user-data.ts';
import { assignTasks, holdersOf, type AssignorMember } from './sticky-task-assignor.ts';
import { formatTaskId, type TaskId } from './task-id.ts';

/** All instances of an application must speak the same protocol; its number changes when they could not understand each other. */
export const ASSIGNOR_NAME = 'playhead-streams-1';

/** A sub-topology's number and the topics that its tasks read, partition by partition. */
export interface SubtopologySources {
  readonly id: number;
  readonly sourceTopics: readonly string[];
}

/** Every task of the topology: as many per sub-topology as its widest source topic has partitions, in task order. */
export function tasksOf(
  subtopologies: readonly SubtopologySources[],
  partitionCounts: ReadonlyMap<string, number>,
): TaskId[] {
  return subtopologies.flatMap(({ id, sourceTopics }) => {
    const count = Math.max(0, ...sourceTopics.map((topic) => partitionCounts.get(topic) ?? 0));
    return Array.from({ length: count }, (_, partition) => ({ subtopology: id, partition }));
  });
}

/** Kafka's view of the assignor: bytes in, bytes out. */
export class StreamsPartitionAssignor implements GroupAssignor {
  readonly name = ASSIGNOR_NAME;
  private readonly subtopologies: readonly SubtopologySources[];
  private readonly subscription: () => SubscriptionUserData;

  /** `subscription` is asked at every join: what this instance holds at that moment. */
  constructor(subtopologies: readonly SubtopologySources[], subscription: () => SubscriptionUserData) {
    this.subtopologies = subtopologies;
    this.subscription = subscription;
  }

  metadata(): Buffer {
    return encodeSubscription(this.subscription());
  }

  assign(members: readonly JoinedMember[], partitionCounts: ReadonlyMap<string, number>): Map<string, Buffer> {
    const subscriptions = new Map(members.map((member) => [member.memberId, decodeSubscription(member.metadata)]));
    const given = assignIncrementally(tasksOf(this.subtopologies, partitionCounts), subscriptions);
    const instances: InstanceAssignment[] = [];
    for (const [memberId, { processId, applicationServer }] of subscriptions) {
      instances.push({ processId, applicationServer, tasks: given.get(memberId) ?? [] });
    }
    const assignment = encodeAssignment({ instances });
    return new Map(members.map((member) => [member.memberId, assignment]));
  }
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

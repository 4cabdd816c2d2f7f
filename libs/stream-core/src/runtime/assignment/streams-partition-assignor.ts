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

/** Kafka's view of the assignor: bytes in, bytes out. */
export class StreamsPartitionAssignor implements GroupAssignor {
  readonly name = ASSIGNOR_NAME;
  private readonly tasks: readonly TaskId[];
  private readonly subscription: () => SubscriptionUserData;

  /**
   * `tasks` are those of start-up: internal topics were made for them, so a source topic that grows later gets no new
   * ones. `subscription` is asked at every join: what this instance holds at that moment.
   */
  constructor(tasks: readonly TaskId[], subscription: () => SubscriptionUserData) {
    this.tasks = tasks;
    this.subscription = subscription;
  }

  metadata(): Buffer {
    return encodeSubscription(this.subscription());
  }

  assign(members: readonly JoinedMember[]): Map<string, Buffer> {
    const subscriptions = new Map(members.map((member) => [member.memberId, decodeSubscription(member.metadata)]));
    const given = assignIncrementally(this.tasks, subscriptions);
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

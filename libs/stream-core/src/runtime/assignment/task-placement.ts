/**
 * Who processes which task and who keeps a copy of its state: the idea of Kafka Streams' high-availability assignor
 * (KIP-441). A pure, deterministic function.
 *
 *     balanced, sticky target ─▶ is the target caught up? ── yes ─▶ active there
 *                                       │ no: active where it is caught up, warm-up at the target (a few at a time)
 *                                       ▼
 *                                standbys where nothing of the task is yet, spread over hosts and tags
 *
 * So a task with state never waits for a restore while somebody else could process it. A warm-up that has caught up
 * makes its member ask for the next rebalance.
 */
import type { AssignedTask, AssignmentSettings, AssignorMember, MemberPlacement } from './assignor-member.ts';
import { MemberLags } from './member-lag.ts';
import { placeStandbys } from './standby-placement.ts';
import { assignTasks, holdersOf } from './sticky-task-assignor.ts';
import { compareTaskIds, formatTaskId, type TaskId } from './task-id.ts';

/** By member id what each is to have; every task is active at exactly one member. Without members the map is empty. */
export function placeTasks(
  tasks: readonly AssignedTask[],
  members: readonly AssignorMember[],
  settings: AssignmentSettings,
): Map<string, MemberPlacement> {
  const lags = new MemberLags(tasks, settings);
  const ordered = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const seats = new Map(ordered.map((member) => [member.id, new Seat(member)]));
  const target = assignTasks(
    tasks.map(({ id }) => id),
    ordered,
    (member, task) => lags.of(member, task),
  );
  const holders = holdersOf(ordered);
  const movements: Movement[] = [];
  for (const [id, list] of target) {
    const wanted = seats.get(id) as Seat;
    for (const task of list) {
      const name = formatTaskId(task);
      const ready = lags.isCaughtUp(wanted.member, name) ? wanted.member : readiest(name, ordered, holders, lags);
      seats.get(ready?.id ?? id)?.active.push(task);
      if (ready !== undefined && ready.id !== id) movements.push({ task, to: wanted });
    }
  }
  warmUp(movements, settings.maxWarmupReplicas, lags);
  placeStandbys(tasks, [...seats.values()], settings.numStandbyReplicas);
  return new Map([...seats].map(([id, seat]) => [id, seat.placement()]));
}

/** A task that is to go to a member that has not caught up yet. */
interface Movement {
  readonly task: TaskId;
  readonly to: Seat;
}

/** Of the members that have caught up: its present owner, else the first. Undefined: nobody has. */
function readiest(
  task: string,
  members: readonly AssignorMember[],
  holders: ReadonlyMap<string, AssignorMember>,
  lags: MemberLags,
): AssignorMember | undefined {
  const holder = holders.get(task);
  if (holder !== undefined && lags.isCaughtUp(holder, task)) return holder;
  return members.find((member) => lags.isCaughtUp(member, task));
}

/** What is furthest first, so that what has begun comes to its end; then in task order. */
function warmUp(movements: readonly Movement[], atMost: number, lags: MemberLags): void {
  const lagOf = ({ task, to }: Movement): number => lags.of(to.member, formatTaskId(task));
  const order = movements.toSorted((a, b) =>
    lagOf(a) === lagOf(b) ? compareTaskIds(a.task, b.task) : lagOf(a) < lagOf(b) ? -1 : 1,
  );
  for (const { task, to } of order.slice(0, atMost)) to.warmup.push(task);
}

/** A member while tasks are placed. */
export class Seat {
  readonly member: AssignorMember;
  readonly active: TaskId[] = [];
  readonly standby: TaskId[] = [];
  readonly warmup: TaskId[] = [];

  constructor(member: AssignorMember) {
    this.member = member;
  }

  get load(): number {
    return this.active.length + this.standby.length + this.warmup.length;
  }

  has(task: TaskId): boolean {
    return [this.active, this.standby, this.warmup].some((list) => list.some((other) => isSame(task, other)));
  }

  placement(): MemberPlacement {
    return {
      active: this.active.toSorted(compareTaskIds),
      standby: [...this.standby, ...this.warmup].sort(compareTaskIds),
      warmup: this.warmup.toSorted(compareTaskIds),
    };
  }
}

const isSame = (a: TaskId, b: TaskId): boolean => a.subtopology === b.subtopology && a.partition === b.partition;

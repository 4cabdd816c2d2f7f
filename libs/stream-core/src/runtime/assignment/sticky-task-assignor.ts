/**
 * Places tasks on members so that the numbers differ by one at most and as few tasks as possible move. A pure,
 * deterministic function: every leader computes the same from the same input.
 *
 * Quotas come first: n tasks over m members is ⌊n/m⌋ each and one more for n mod m members, those that hold most now.
 * Each member keeps what it has up to its quota; the rest goes where least of its state is missing, and of equal members
 * where fewest tasks of the same sub-topology are, so that a heavy sub-topology is spread over the members and not piled
 * on one.
 */
import type { AssignorMember } from './assignor-member.ts';
import { compareTaskIds, formatTaskId, type TaskId } from './task-id.ts';

/** How much a member would have to read before it could process a task, by the task's name. */
export type LagOf = (member: AssignorMember, task: string) => number;

/**
 * Returns each member's tasks, in task order. Every task is given to exactly one member; members without a task have an
 * empty list; owned tasks that are not in `tasks` are forgotten. Without members the map is empty.
 */
export function assignTasks(
  tasks: readonly TaskId[],
  members: readonly AssignorMember[],
  lagOf: LagOf = () => 0,
): Map<string, readonly TaskId[]> {
  const unplaced = new Map([...tasks].sort(compareTaskIds).map((task) => [formatTaskId(task), task]));
  const seats = [...members].sort((a, b) => (a.id < b.id ? -1 : 1)).map((member) => new Seat(member));
  for (const [name, holder] of holdersOf(members)) {
    const task = unplaced.get(name);
    if (task === undefined) continue;
    seats.find((seat) => seat.id === holder.id)?.take(task);
    unplaced.delete(name);
  }
  giveQuotas(seats, tasks.length);
  for (const seat of seats) {
    const isReadyElsewhere = (task: TaskId): boolean =>
      seats.some((other) => other.tasks.length < other.quota && lagOf(other.member, formatTaskId(task)) === 0);
    for (const task of seat.giveUpExcess(isReadyElsewhere)) unplaced.set(formatTaskId(task), task);
  }
  for (const task of [...unplaced.values()].sort(compareTaskIds)) seatFor(task, seats, lagOf)?.take(task);
  return new Map(seats.map((seat) => [seat.id, seat.tasks.sort(compareTaskIds)]));
}

/** Who holds which task, by the task's name: the claim of the latest generation, then of the smallest id; other claims are out of date. */
export function holdersOf(members: readonly AssignorMember[]): Map<string, AssignorMember> {
  const holders = new Map<string, AssignorMember>();
  for (const member of members) {
    for (const task of member.owned) {
      const name = formatTaskId(task);
      const other = holders.get(name);
      if (other === undefined || outranks(member, other)) holders.set(name, member);
    }
  }
  return holders;
}

const outranks = (a: AssignorMember, b: AssignorMember): boolean =>
  a.generation === b.generation ? a.id < b.id : a.generation > b.generation;

function giveQuotas(seats: readonly Seat[], taskCount: number): void {
  const quota = Math.floor(taskCount / seats.length);
  const extra = taskCount % seats.length;
  const byHoldings = [...seats].sort((a, b) => b.tasks.length - a.tasks.length || (a.id < b.id ? -1 : 1));
  for (const [index, seat] of byHoldings.entries()) seat.quota = index < extra ? quota + 1 : quota;
}

/** The member with room that lacks least of the state, then has fewest tasks of this sub-topology, then fewest at all, then the smallest id. */
function seatFor(task: TaskId, seats: readonly Seat[], lagOf: LagOf): Seat | undefined {
  const name = formatTaskId(task);
  let best: Seat | undefined;
  let bestLag = 0;
  for (const seat of seats) {
    if (seat.tasks.length >= seat.quota) continue;
    const lag = lagOf(seat.member, name);
    const isBetter =
      best === undefined ||
      (compareNumbers(lag, bestLag) ||
        seat.countOf(task.subtopology) - best.countOf(task.subtopology) ||
        seat.tasks.length - best.tasks.length) < 0;
    if (isBetter) [best, bestLag] = [seat, lag];
  }
  return best;
}

/** Also of two infinite numbers. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

class Seat {
  readonly id: string;
  readonly member: AssignorMember;
  readonly tasks: TaskId[] = [];
  quota = 0;
  readonly #perSubtopology = new Map<number, number>();

  constructor(member: AssignorMember) {
    this.id = member.id;
    this.member = member;
  }

  countOf(subtopology: number): number {
    return this.#perSubtopology.get(subtopology) ?? 0;
  }

  take(task: TaskId): void {
    this.tasks.push(task);
    this.#perSubtopology.set(task.subtopology, this.countOf(task.subtopology) + 1);
  }

  /** Takes tasks off until the quota is met: first what others could process at once, from the sub-topology with most of them, highest partition first. */
  giveUpExcess(isReadyElsewhere: (task: TaskId) => boolean): TaskId[] {
    const given: TaskId[] = [];
    const ready = new Set(this.tasks.length > this.quota ? this.tasks.filter(isReadyElsewhere) : []);
    while (this.tasks.length > this.quota) {
      this.tasks.sort(
        (a, b) =>
          Number(ready.has(a)) - Number(ready.has(b)) ||
          this.countOf(a.subtopology) - this.countOf(b.subtopology) ||
          compareTaskIds(a, b),
      );
      const task = this.tasks.pop();
      if (task === undefined) break;
      this.#perSubtopology.set(task.subtopology, this.countOf(task.subtopology) - 1);
      given.push(task);
    }
    return given;
  }
}

import type { AssignedTask, AssignorMember } from './assignor-member.ts';
import { compareTaskIds, formatTaskId } from './task-id.ts';
import type { Seat } from './task-placement.ts';

/**
 * Gives each task with state up to `replicas` standbys at members that have nothing of it yet. Of these the one is
 * taken that shares fewest tags with those that have it, then one below the even share that has its state already, then
 * the one with the fewest tasks. A warm-up is no standby: it goes when its task moves.
 */
export function placeStandbys(tasks: readonly AssignedTask[], seats: readonly Seat[], replicas: number): void {
  const stateful = tasks.filter(({ isStateful }) => isStateful).sort((a, b) => compareTaskIds(a.id, b.id));
  const perSeat = Math.ceil((stateful.length * Math.min(replicas, seats.length - 1)) / Math.max(1, seats.length));
  for (let replica = 0; replica < replicas; replica++) {
    for (const { id } of stateful) {
      const name = formatTaskId(id);
      const holders = seats.filter((seat) => seat.has(id));
      let best: Seat | undefined;
      let bestCost: readonly number[] = [];
      for (const seat of seats) {
        if (seat.has(id)) continue;
        const cost = costOf(seat, name, holders, perSeat);
        if (best === undefined || isLess(cost, bestCost)) [best, bestCost] = [seat, cost];
      }
      best?.standby.push(id);
    }
  }
}

/** Compared from the first number on. */
function costOf(seat: Seat, task: string, holders: readonly Seat[], perSeat: number): readonly number[] {
  const isOverFull = seat.standby.length >= perSeat ? 1 : 0;
  const hasState = seat.member.lags.has(task);
  return [sharedTags(seat.member, holders), isOverFull, hasState ? 0 : 1, seat.load];
}

function sharedTags({ tags }: AssignorMember, holders: readonly Seat[]): number {
  let shared = 0;
  for (const { member } of holders) {
    for (const [name, value] of Object.entries(tags)) if (member.tags[name] === value) shared++;
  }
  return shared;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((cost, index) => cost !== b[index]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}

import type { AssignedTask, AssignmentSettings, AssignorMember } from './assignor-member.ts';
import { formatTaskId } from './task-id.ts';

/** How far members are behind, as far as it matters for placing: what is within the acceptable lag counts as nothing. */
export class MemberLags {
  readonly #tasks: ReadonlyMap<string, AssignedTask>;
  readonly #acceptable: number;

  constructor(tasks: readonly AssignedTask[], { acceptableRecoveryLag }: AssignmentSettings) {
    this.#tasks = new Map(tasks.map((task) => [formatTaskId(task.id), task]));
    this.#acceptable = acceptableRecoveryLag;
  }

  /** 0: the member may have the task at once, for it has caught up or there is no state. */
  of(member: AssignorMember, task: string): number {
    const known = this.#tasks.get(task);
    if (known?.isStateful !== true) return 0;
    const lag = member.lags.get(task) ?? known.changelogLength;
    return lag <= this.#acceptable ? 0 : lag;
  }

  isCaughtUp(member: AssignorMember, task: string): boolean {
    return this.of(member, task) === 0;
  }
}

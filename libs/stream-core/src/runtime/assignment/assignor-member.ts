import type { TaskId } from './task-id.ts';

/** A member as the assignor sees it. */
export interface AssignorMember {
  /** Unique within the group; decides ties. */
  readonly id: string;
  /** Tasks that it was given last, to process. */
  readonly owned: readonly TaskId[];
  /** Generation in which it was given them; of two members that claim a task the later claim holds. */
  readonly generation: number;
  /**
   * Changelog offsets that this member would have to read before it could process a task with state, by the task's name:
   * 0 when it processes it now. Of a task that is not in it: `AssignedTask.changelogLength`.
   */
  readonly lags: ReadonlyMap<string, number>;
  /** Where it runs, such as host and zone: replicas of a task are put where these differ. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A task as the assignor sees it. */
export interface AssignedTask {
  readonly id: TaskId;
  /** It has state that a changelog brings back. */
  readonly isStateful: boolean;
  /** Offsets of its changelogs from their first to their end; Infinity when it is not known. */
  readonly changelogLength: number;
}

/** What decides between balance, speed of a takeover, and memory. */
export interface AssignmentSettings {
  /** A member that has at most so many changelog offsets to read may take a task at once (`acceptable.recovery.lag`). */
  readonly acceptableRecoveryLag: number;
  /** Tasks that are warmed up at their next owner at the same time, in the whole application (`max.warmup.replicas`). */
  readonly maxWarmupReplicas: number;
  /** Copies of each task's state beside its owner's (`num.standby.replicas`). */
  readonly numStandbyReplicas: number;
}

/** What one member is to have. */
export interface MemberPlacement {
  /** To process. */
  readonly active: readonly TaskId[];
  /** To keep up from changelogs: warm-ups too. */
  readonly standby: readonly TaskId[];
  /** Those of `standby` that wait for becoming active here when they have caught up. */
  readonly warmup: readonly TaskId[];
}

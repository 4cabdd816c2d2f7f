import type { Logger } from '../kafka/types.ts';
import { ActiveTask } from './active-task.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import type { StandbyFeed } from './restore/standby-feed.ts';
import type { StreamTask } from './stream-task.ts';
import { takeInto } from './task-starter.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';

/** What standbys work with. */
export interface StandbyTasksOptions extends Pick<TaskManagerOptions, 'createTask' | 'inputsOf' | 'codecs'> {
  /** Opens a task's storage: by store, where the state ends that it has. Empty: it has none. */
  readonly begin: (task: StreamTask, signal: AbortSignal) => Promise<ReadonlyMap<string, number>>;
  readonly feed: Pick<StandbyFeed, 'follow' | 'unfollow' | 'position' | 'lag'>;
  /** State is at hand wherever it is wanted (Redis): a copy would be of no use, and would take it from its owner. So there are no standbys, not even for the time of a move. */
  readonly isStateShared: boolean;
  readonly logger: Logger;
}

/** The tasks of an instance whose state is kept up here for others: warm-ups too. A standby that fails is closed, and said so; it is not the application's end. */
export class StandbyTasks {
  readonly #options: StandbyTasksOptions;
  readonly #tasks = new Map<string, ActiveTask>();

  constructor(options: StandbyTasksOptions) {
    this.#options = options;
  }

  get all(): readonly ActiveTask[] {
    return [...this.#tasks.values()];
  }

  get(id: TaskId): ActiveTask | undefined {
    return this.#tasks.get(formatTaskId(id));
  }

  /** Begins a standby with nothing. */
  async add(id: TaskId): Promise<void> {
    const { createTask, inputsOf, isStateShared } = this.#options;
    if (isStateShared) return;
    const standby = new ActiveTask(id, createTask(id), inputsOf(id), 'STANDBY');
    this.#tasks.set(standby.name, standby);
    const beginning = this.#begin(standby);
    standby.beginning = beginning;
    if (await beginning) await this.#follow(standby);
  }

  /** Goes on with a task that was processed here. */
  async adopt(standby: ActiveTask): Promise<void> {
    if (this.#options.isStateShared) {
      this.#close(standby);
      return;
    }
    this.#tasks.set(standby.name, standby);
    await this.#follow(standby);
  }

  /** Takes a standby out, to be processed: `restored` says where its state ends. */
  promote(id: TaskId): ActiveTask | undefined {
    const standby = this.get(id);
    if (standby === undefined) return undefined;
    this.#tasks.delete(standby.name);
    const { changelogs } = standby.task;
    const offsets = this.#options.feed.unfollow(changelogs);
    for (const [index, { plan }] of changelogs.entries()) {
      const offset = offsets[index];
      if (offset !== undefined) standby.restored.set(plan.name, offset);
    }
    standby.promote();
    return standby;
  }

  /** Sum over its changelogs of where the state ends; undefined while that is not known. */
  position(standby: ActiveTask): number | undefined {
    return sumOf(standby.task.changelogs.map((changelog) => this.#options.feed.position(changelog)));
  }

  /** Changelog offsets that a standby is behind; undefined while that is not known. */
  lag(standby: ActiveTask): number | undefined {
    return sumOf(standby.task.changelogs.map((changelog) => this.#options.feed.lag(changelog)));
  }

  /** Closes those that `isKept` does not want. */
  keepOnly(isKept: (standby: ActiveTask) => boolean): void {
    for (const standby of this.all) if (!isKept(standby)) this.#close(standby);
  }

  fail(name: string, error: unknown): void {
    const standby = this.#tasks.get(name);
    if (standby === undefined) return;
    this.#options.logger.error({ err: error, task: name }, 'a standby failed and is closed');
    this.#close(standby);
  }

  /** False: it failed, or was promoted or closed meanwhile. Never rejects. */
  async #begin(standby: ActiveTask): Promise<boolean> {
    const { codecs, begin } = this.#options;
    const isStandby = (): boolean => this.#tasks.get(standby.name) === standby;
    try {
      await codecs.ready();
      const restored = await begin(standby.task, standby.left.signal);
      // Who was promoted meanwhile has waited for it, and goes on from there.
      for (const [store, offset] of restored) standby.restored.set(store, offset);
      return isStandby();
    } catch (error) {
      if (isStandby()) this.fail(standby.name, error);
      return false;
    }
  }

  async #follow(standby: ActiveTask): Promise<void> {
    const { task, name, restored } = standby;
    const changelogs = task.changelogs.map((changelog) => ({
      topic: changelog.topic,
      partition: changelog.partition,
      task: name,
      startOffset: restored.get(changelog.plan.name),
      isSource: changelog.plan.isSourceChangelog,
      take: takeInto(task, changelog),
      reached: (offset: number) => task.durability.restored(changelog.plan.name, offset),
    }));
    try {
      // It may be promoted or closed meanwhile.
      await this.#options.feed.follow(changelogs, () => this.#tasks.get(name) === standby);
    } catch (error) {
      if (this.#tasks.get(name) === standby) this.fail(name, error);
    }
  }

  #close(standby: ActiveTask): void {
    this.#tasks.delete(standby.name);
    this.#options.feed.unfollow(standby.task.changelogs);
    try {
      standby.close();
    } catch (error) {
      this.#options.logger.error({ err: error, task: standby.name }, 'a store of a standby failed to close');
    }
  }
}

/** Undefined when one of them is. */
function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const number of numbers) {
    if (number === undefined) return undefined;
    sum += number;
  }
  return sum;
}

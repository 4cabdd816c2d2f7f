import type { ActiveTask } from './active-task.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';

/** What it takes to keep a task's state when another instance is to process it. */
export type TaskRecyclerOptions = Pick<
  TaskManagerOptions,
  'client' | 'fetcher' | 'standbys' | 'confirmMembership' | 'counters' | 'logger'
>;

/** Makes standbys of tasks that were processed here, without closing their stores. */
export class TaskRecycler {
  readonly #options: TaskRecyclerOptions;

  constructor(options: TaskRecyclerOptions) {
    this.#options = options;
  }

  /** True for a suspended task whose last commit succeeded, so that what its stores have is in the changelogs, and nothing else is. */
  static canRecycle({ state, commitNeeded, task }: ActiveTask): boolean {
    return state === 'SUSPENDED' && !commitNeeded && task.isRecyclable;
  }

  /** Never rejects: what cannot be kept is closed. */
  async recycle(active: ActiveTask): Promise<void> {
    const { client, fetcher, standbys, confirmMembership, counters, logger } = this.#options;
    const { task } = active;
    const restored = new Map<string, number>();
    fetcher.remove(active.inputs);
    counters.absorb(task);
    counters.tasksClosed++;
    try {
      const ends = await client.listOffsets(task.changelogs, 'latest');
      // The next owner waits for this one to give the task up, unless the group has forgotten this one meanwhile (it was frozen): then the ends may be the next one's.
      await confirmMembership();
      for (const [index, { plan, topic }] of task.changelogs.entries()) {
        const end = plan.isSourceChangelog ? task.position(topic) : ends[index]?.offset;
        if (end !== undefined) restored.set(plan.name, end);
      }
      if (restored.size < task.changelogs.length) throw new Error('it has not processed anything yet');
    } catch (error) {
      logger.info({ err: error, task: active.name }, 'a task cannot be kept as a standby');
      this.#quietly(active, () => active.close());
      return;
    }
    this.#quietly(active, () => active.demote(restored));
    void standbys.adopt(active);
  }

  #quietly(active: ActiveTask, end: () => void): void {
    try {
      end();
    } catch (error) {
      this.#options.logger.error({ err: error, task: active.name }, 'a processor or store failed to close');
    }
  }
}

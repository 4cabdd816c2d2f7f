/**
 * Commits in the order that loses nothing: flush the stores (their last writes go to the producer) and note the offsets,
 * both at one point between two records; wait until Kafka has everything produced up to there; only then commit the
 * offsets. Processing goes on during the waits.
 */
import type { PartitionCommit } from '../kafka/group-types.ts';
import type { Logger } from '../kafka/types.ts';
import type { ActiveTask } from './active-task.ts';
import type { StreamsCounters } from './streams-metrics.ts';

/** What a committer works with. */
export interface CommitterOptions {
  readonly producer: { flush(): Promise<void> };
  /** `GroupMember.commit`. */
  readonly commitOffsets: (offsets: readonly PartitionCommit[]) => Promise<void>;
  /** False while the member is between two generations: nobody would take a commit. */
  readonly canCommit: () => boolean;
  readonly onCommitted: (offsets: readonly PartitionCommit[]) => void;
  readonly intervalMs: number;
  /** A store that cannot be flushed: nothing may be committed any more. */
  readonly onError: (error: unknown) => void;
  readonly counters: StreamsCounters;
  readonly logger: Logger;
}

/** While no commit can start (one is under way, or the member rejoins) the loop looks again after this. */
const RETRY_MS = 20;

/** Commits tasks, one commit at a time. */
export class TaskCommitter {
  readonly #options: CommitterOptions;
  #running: Promise<void> | undefined;
  #lastStart = performance.now();

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Milliseconds until it is worth asking for the next commit, given that there is something to commit. */
  dueInMs(): number {
    if (this.#running !== undefined || !this.#options.canCommit()) return RETRY_MS;
    return Math.max(0, this.#lastStart + this.#options.intervalMs - performance.now());
  }

  /** Starts a commit when the interval is over or a processor asked for one, and none is under way. Returns at once. */
  commitWhenDue(tasks: readonly ActiveTask[]): void {
    if (this.#running !== undefined || !this.#options.canCommit()) return;
    if (this.dueInMs() > 0 && !tasks.some(({ task }) => task.commitRequested)) return;
    void this.commit(tasks);
  }

  /**
   * Commits what has been processed when it is called, after a commit that is under way. Never rejects: what could not
   * be committed is owed and comes with the next commit, or is processed again by the next owner.
   */
  async commit(tasks: readonly ActiveTask[]): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const due = tasks.filter((task) => task.state === 'RUNNING' && task.commitNeeded);
    this.#lastStart = performance.now();
    if (due.length === 0) return;
    this.#running = this.#commitNow(due).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #commitNow(due: readonly ActiveTask[]): Promise<void> {
    const { producer, commitOffsets, onCommitted, counters, logger } = this.#options;
    const started = performance.now();
    const prepared = this.#prepare(due);
    if (prepared === undefined) return;
    try {
      await producer.flush();
      // A task that was lost meanwhile has another owner, perhaps with later commits.
      const offsets = prepared.flatMap(({ active, offsets }) => (active.isClosed ? [] : offsets));
      if (offsets.length > 0) await commitOffsets(offsets);
      counters.commit.record(performance.now() - started);
      onCommitted(offsets);
    } catch (error) {
      counters.commitFailures++;
      for (const active of due) active.commitOwed = true;
      logger.warn({ err: error, tasks: due.map(({ name }) => name) }, 'commit failed; it will be tried again');
    }
    for (const active of due) active.committing = false;
  }

  #prepare(
    due: readonly ActiveTask[],
  ): { readonly active: ActiveTask; readonly offsets: readonly PartitionCommit[] }[] | undefined {
    try {
      return due.map((active) => {
        const offsets = active.task.prepareCommit();
        active.task.markCommitted();
        active.commitOwed = false;
        active.committing = true;
        return { active, offsets };
      });
    } catch (error) {
      this.#options.onError(error);
      return undefined;
    }
  }
}

import type { TopicPartition } from '../kafka/types.ts';
import { QueryError } from './query/query-error.ts';
import { TaskProgress } from './query/task-progress.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import type { StreamTask } from './stream-task.ts';

/**
 * A task's life here; RESTORING from the moment it is assigned until it may process, SUSPENDED when it is to leave: it
 * processes no more and is committed. STANDBY: another instance processes it, and its state is kept up here.
 *
 *     STANDBY ─promote─▶ RESTORING ─run─▶ RUNNING ─suspend─▶ SUSPENDED ─demote─▶ STANDBY      any ─close─▶ CLOSED
 */
export type TaskState = 'STANDBY' | 'RESTORING' | 'RUNNING' | 'SUSPENDED' | 'CLOSED';

/** A task of this instance: the stream task and what the runtime knows about it. */
export class ActiveTask {
  readonly id: TaskId;
  readonly name: string;
  readonly task: StreamTask;
  progress = new TaskProgress();
  /** By store: the changelog offset after the last record that its state contains; a store that is not in it has none. */
  readonly restored = new Map<string, number>();
  /** Aborted when the task leaves: ends its restore. */
  readonly left = new AbortController();
  /** Settles when what a standby begins with is there. Never rejects. A task that is promoted before that waits: two beginnings at once would wipe each other's state. */
  beginning: Promise<unknown> = Promise.resolve();
  /** Partitions that exist: in a sub-topology of unequal topics the narrower ones lack the last tasks' partitions. */
  readonly inputs: readonly TopicPartition[];
  /** Topics whose partition is paused because too much of it waits here. */
  readonly paused = new Set<string>();
  /** A commit of it failed: it is owed although nothing new may have been processed. */
  commitOwed = false;
  /** A commit of it is under way. */
  committing = false;
  /** Another owner has claimed its state: nothing of it is stored any more. */
  isFenced = false;
  #current: TaskState;
  /** Log end of each input when the task came here; an entry leaves when it is reached. */
  readonly #behind = new Map<string, number>();

  constructor(
    id: TaskId,
    task: StreamTask,
    inputs: readonly TopicPartition[],
    state: 'RESTORING' | 'STANDBY' = 'RESTORING',
  ) {
    this.#current = state;
    this.id = id;
    this.name = formatTaskId(id);
    this.task = task;
    this.inputs = inputs;
  }

  get state(): TaskState {
    return this.#current;
  }

  /** It has left this instance. */
  get isClosed(): boolean {
    return this.#current === 'CLOSED';
  }

  /** True once everything that stood in its inputs when it came here has been processed. */
  get caughtUp(): boolean {
    return this.#current === 'RUNNING' && this.#behind.size === 0;
  }

  get commitNeeded(): boolean {
    return this.commitOwed || this.task.commitNeeded;
  }

  /** Restored and initialised: it may process from `starts`, and has caught up when it reaches `ends`. */
  run(starts: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>): void {
    this.#current = 'RUNNING';
    for (const [topic, end] of ends) if (end > (starts.get(topic) ?? 0)) this.#behind.set(topic, end);
    for (const [topic, start] of starts) this.progress.advance(topic, this.id.partition, start);
  }

  /** It is to leave: no record after this one is processed here, so that its last commit is of all that it did. */
  suspend(): void {
    if (this.#current === 'RUNNING') this.#current = 'SUSPENDED';
  }

  /** A standby is to process from now on. */
  promote(): void {
    if (this.#current === 'STANDBY') this.#current = 'RESTORING';
  }

  /** Suspended and committed, it stays as a standby: its state is as of `restored`, by store. Throws what a processor throws that fails to close; it is a standby then, too. */
  demote(restored: ReadonlyMap<string, number>): void {
    this.#current = 'STANDBY';
    this.commitOwed = false;
    this.paused.clear();
    this.#behind.clear();
    this.restored.clear();
    for (const [store, offset] of restored) this.restored.set(store, offset);
    this.progress.close(this.#gone());
    this.progress = new TaskProgress();
    this.task.recycle();
  }

  /** Takes over the stream task's positions: wakes questions that waited for them. Returns true when it has caught up just now. */
  updateProgress(): boolean {
    for (const { topic, partition } of this.inputs) {
      const position = this.task.position(topic);
      if (position !== undefined) this.progress.advance(topic, partition, position);
    }
    if (this.#behind.size === 0) return false;
    for (const [topic, end] of this.#behind) {
      if (this.progress.hasReached({ topic, partition: this.id.partition, offset: end - 1 }))
        this.#behind.delete(topic);
    }
    return this.#behind.size === 0;
  }

  /** Ends it here. Questions that wait are refused with NOT_OWNER, so that they go to the next owner. */
  close(): void {
    if (this.#current === 'CLOSED') return;
    this.#current = 'CLOSED';
    const gone = this.#gone();
    this.left.abort(gone);
    this.progress.close(gone);
    void this.task.durability.close();
    this.task.close();
  }

  #gone(): QueryError {
    return new QueryError('NOT_OWNER', `task ${this.name} has left this instance`, {
      store: '',
      partition: this.id.partition,
    });
  }
}

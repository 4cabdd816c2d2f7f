/**
 * The tasks of an instance across rebalances.
 *
 *     assigned ─▶ RESTORING (changelogs, then committed offsets) ─▶ RUNNING ─▶ CLOSED
 *                    ▲                                      moves: commit, close, rejoin · lost: close
 *                 STANDBY ◀── stays as a standby: commit, recycle, rejoin ──┘
 *
 * A task that stays is not touched: it goes on processing through the rebalance. What the group gives arrives through
 * the hooks of `GroupMember`, one at a time; restoring goes on between them. Under exactly_once a transaction that fails
 * is taken back with the state of all tasks: they are made anew, as after a crash.
 */
import type { GroupHooks, Membership } from '../kafka/group-types.ts';
import { ActiveTask } from './active-task.ts';
import type { InstanceAssignment } from './assignment/member-user-data.ts';
import { CURRENT } from './assignment/member-user-data.ts';
import { readAssignment } from './assignment/streams-partition-assignor.ts';
import { formatTaskId, type TaskId } from './assignment/task-id.ts';
import { confirmed } from './storage/confirmed.ts';
import { FencedStorageError } from './storage/state-backend.ts';
import type { TaskManagerOptions } from './task-manager-options.ts';
import { TaskRecycler } from './task-recycler.ts';
import { TaskStarter } from './task-starter.ts';

/** What this instance had been given last: sent to the leader with the next join. */
export interface OwnedTasks {
  readonly owned: readonly TaskId[];
  readonly generation: number;
  /** Where the state that is here ends: see `SubscriptionUserData`. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Creates, brings up and closes this instance's tasks as the group says. */
export class TaskManager implements GroupHooks {
  /** Every instance and its tasks, as of the last assignment. */
  instances: readonly InstanceAssignment[] = [];
  readonly #options: TaskManagerOptions;
  readonly #starter: TaskStarter;
  readonly #recycler: TaskRecycler;
  readonly #tasks = new Map<string, ActiveTask>();
  /** The same in task order, for the loop. */
  #ordered: readonly ActiveTask[] = [];
  #generation = -1;
  /** Standbys that are to be processed here. */
  #warmups: readonly TaskId[] = [];
  /** Generation in which the group was told that one of them is ready. */
  #askedIn = -1;
  #assigned = false;
  /** An abort is under way: no task may begin before it is over. */
  #takingBack: Promise<void> = Promise.resolve();
  /** The application ends: an assignment that is still being worked on makes no more tasks. */
  #isClosed = false;

  constructor(options: TaskManagerOptions) {
    this.#options = options;
    this.#starter = new TaskStarter(options);
    this.#recycler = new TaskRecycler(options);
  }

  /** False before the first assignment and after a loss: then no task here says nothing about the application. */
  get hasAssignment(): boolean {
    return this.#generation >= 0;
  }

  get all(): readonly ActiveTask[] {
    return this.#ordered;
  }

  get(task: TaskId): ActiveTask | undefined {
    return this.#tasks.get(formatTaskId(task));
  }

  owned(): OwnedTasks {
    return { owned: this.#ordered.map(({ id }) => id), generation: this.#generation, positions: this.#positions() };
  }

  async onRevoked(): Promise<void> {
    this.#assigned = false;
    this.#options.onStateChange('REBALANCING');
    await this.#options.committer.commit(this.#ordered);
  }

  async onAssigned(assignment: Buffer, membership: Membership): Promise<void> {
    const options = this.#options;
    const { instances, followUp } = readAssignment(assignment);
    this.instances = instances;
    this.#generation = membership.generation;
    options.counters.rebalances++;
    const me = this.instances.find(({ processId }) => processId === options.processId);
    const mine = me?.tasks ?? [];
    const names = new Set(mine.map(formatTaskId));
    const standbys = me?.standbys ?? [];
    const standbyNames = new Set(standbys.map(formatTaskId));
    this.#warmups = me?.warmups ?? [];
    const leaving = this.#ordered.filter(({ name }) => !names.has(name));
    const added = mine.filter((task) => this.get(task) === undefined);
    if (leaving.length > 0) {
      await this.#release(leaving, standbyNames);
    }
    options.standbys.keepOnly(({ name }) => !this.#isClosed && (names.has(name) || standbyNames.has(name)));
    if (this.#isClosed) return;
    options.logger.info(
      {
        generation: membership.generation,
        tasks: [...names],
        added: added.map(formatTaskId),
        given: leaving.map(({ name }) => name),
        standbys: [...standbyNames],
        warmups: this.#warmups.map(formatTaskId),
      },
      'tasks assigned',
    );
    this.#assigned = true;
    await this.#addTasks(added);
    if (this.#isClosed) return;
    for (const id of standbys) if (options.standbys.get(id) === undefined) void options.standbys.add(id);
    options.changes.fire();
    this.#reportRunning();
    if (followUp) options.expectRebalance();
    if (leaving.length > 0) options.requestRejoin('tasks that move to other members are free');
    // A static member that came back got its predecessor's assignment, with the predecessor's address.
    else if (me !== undefined && me.applicationServer !== options.applicationServer) {
      options.requestRejoin('this instance has another address');
    }
  }

  async onLost(reason: Error): Promise<void> {
    this.#options.logger.warn({ err: reason, tasks: this.#ordered.map(({ name }) => name) }, 'tasks lost');
    this.#assigned = false;
    this.#generation = -1;
    this.#options.onStateChange('REBALANCING');
    this.#closeTasks(this.#ordered);
    this.#options.changes.fire();
    await this.#abort();
  }

  /** A transaction failed: closes all tasks, aborts it and begins the ones that stay anew, from what is committed. Without effect after `closeAll`. Never rejects. */
  async takeBack(error: unknown): Promise<void> {
    if (this.#isClosed) return;
    const { logger, counters } = this.#options;
    const staying = this.#ordered.filter(({ state }) => state !== 'SUSPENDED').map(({ id }) => id);
    const generation = this.#generation;
    counters.transactionsAborted++;
    logger.warn({ err: error, tasks: staying.map(formatTaskId) }, 'tasks begin anew from what is committed');
    this.#options.onStateChange('REBALANCING');
    this.#closeTasks(this.#ordered);
    this.#options.changes.fire();
    if (!(await this.#abort())) return;
    // After a loss they are somebody else's; after a new assignment those that stayed are here already.
    if (this.#generation !== generation) return;
    try {
      await this.#addTasks(staying);
    } catch (failure) {
      this.#options.onError(failure);
    }
  }

  /**
   * Another owner has claimed a task's state. If the group says that the task is this instance's, the other one was late: the task begins anew, which claims the
   * state again and reads what it holds. Otherwise nothing is claimed, and the group will say that the task is lost. Returns at once.
   */
  reclaim(active: ActiveTask, error: FencedStorageError): void {
    if (active.isClosed || active.isFenced) return;
    active.isFenced = true;
    this.#options.logger.warn({ err: error, task: active.name }, 'a task begins anew if the group says it is ours');
    this.#reclaim(active).catch((failure: unknown) => this.#options.onError(failure));
  }

  onError(error: Error): void {
    this.#options.onError(error);
  }

  /** Closes every task without a commit, for good. */
  closeAll(): void {
    this.#isClosed = true;
    this.#closeTasks(this.#ordered);
    this.#options.standbys.keepOnly(() => false);
  }

  /** To be called when standbys have come on: one that is to be processed here, and nearly could, is said so to the group. */
  onStandbyProgress(): void {
    const { standbys, acceptableRecoveryLag, requestRejoin } = this.#options;
    if (this.#askedIn === this.#generation) return;
    const ready = this.#warmups.find((id) => {
      const standby = standbys.get(id);
      // Half of what is allowed, as more may be written before the group has come together.
      return standby !== undefined && (standbys.lag(standby) ?? Infinity) <= acceptableRecoveryLag / 2;
    });
    if (ready === undefined) return;
    this.#askedIn = this.#generation;
    requestRejoin(`task ${formatTaskId(ready)} is warmed up`);
  }

  #positions(): Map<string, number> {
    const { standbys, changelogs, stored } = this.#options;
    // Of a task that has been here since, what is stored reaches further by now: then it is warmed up in no time.
    const positions = new Map(stored);
    for (const standby of standbys.all) {
      const position = standbys.position(standby);
      if (position !== undefined) positions.set(standby.name, position);
    }
    for (const { name, state, task, restored } of this.#ordered) {
      const reached = task.changelogs.map((each) => changelogs.position(each) ?? restored.get(each.plan.name) ?? 0);
      positions.set(name, state === 'RESTORING' ? reached.reduce((sum, offset) => sum + offset, 0) : CURRENT);
    }
    return positions;
  }

  /** Commits tasks that move to other members, and closes them unless their state is to be kept up here. */
  async #release(leaving: readonly ActiveTask[], standbys: ReadonlySet<string>): Promise<void> {
    // One that restores has nothing to commit, and must neither begin to run meanwhile nor come back with a transaction that fails.
    this.#closeTasks(leaving.filter(({ state }) => state === 'RESTORING'));
    const ran = leaving.filter(({ isClosed }) => !isClosed);
    for (const active of ran) active.suspend();
    await this.#options.committer.commit(ran);
    const kept = ran.filter((active) => standbys.has(active.name) && TaskRecycler.canRecycle(active));
    this.#closeTasks(ran.filter((active) => !kept.includes(active)));
    for (const active of kept) this.#tasks.delete(active.name);
    this.#ordered = [...this.#tasks.values()];
    await Promise.all(kept.map((active) => this.#recycler.recycle(active)));
  }

  #closeTasks(closing: readonly ActiveTask[]): void {
    const { fetcher, counters, logger } = this.#options;
    for (const active of closing) {
      // One that was taken back may have a successor of the same name.
      if (active.isClosed) continue;
      this.#tasks.delete(active.name);
      fetcher.remove(active.inputs);
      try {
        active.close();
      } catch (error) {
        logger.error({ err: error, task: active.name }, 'a processor or store failed to close');
      }
      counters.absorb(active.task);
      counters.tasksClosed++;
    }
    this.#ordered = [...this.#tasks.values()];
  }

  /** False: it failed, and the application has been told. */
  async #abort(): Promise<boolean> {
    const aborted = this.#options.abort();
    this.#takingBack = aborted.catch(() => undefined);
    try {
      await aborted;
      return true;
    } catch (error) {
      if (!this.#isClosed) this.#options.onError(error);
      return false;
    }
  }

  async #addTasks(wanted: readonly TaskId[]): Promise<void> {
    const options = this.#options;
    const generation = this.#generation;
    await this.#takingBack;
    // After a loss they are somebody else's; a new assignment adds what is missing.
    if (this.#isClosed || this.#generation !== generation) return;
    const added = wanted.filter((id) => this.get(id) === undefined);
    for (const id of added) {
      const active = options.standbys.promote(id) ?? new ActiveTask(id, options.createTask(id), options.inputsOf(id));
      this.#tasks.set(active.name, active);
      options.counters.tasksCreated++;
    }
    this.#ordered = [...this.#tasks.values()];
    await options.codecs.ready();
    for (const id of added) {
      const active = this.get(id);
      if (active !== undefined) this.#bringUp(active).catch((error: unknown) => this.#failed(active, error));
    }
  }

  #failed(active: ActiveTask, error: unknown): void {
    if (error instanceof FencedStorageError) this.reclaim(active, error);
    else if (!active.isClosed) this.#options.onError(error);
  }

  async #reclaim(active: ActiveTask): Promise<void> {
    const { changes, confirmMembership, onStateChange } = this.#options;
    await confirmed(confirmMembership, active.left.signal);
    if (active.isClosed || active.state === 'SUSPENDED') return;
    onStateChange('REBALANCING');
    this.#closeTasks([active]);
    changes.fire();
    await this.#addTasks([active.id]);
  }

  async #bringUp(active: ActiveTask): Promise<void> {
    await this.#starter.bringUp(active, this.instances);
    if (active.state !== 'RUNNING') return;
    this.#options.changes.fire();
    this.#reportRunning();
    this.#options.wake();
  }

  #reportRunning(): void {
    if (this.#assigned && this.#ordered.every(({ state }) => state === 'RUNNING'))
      this.#options.onStateChange('RUNNING');
  }
}

/**
 * Commits in the order that loses nothing: flush the stores (their last writes go to the producer) and note the offsets,
 * both at one point between two records; then the producer makes output and offsets durable as its guarantee has it, and
 * state once Kafka has acknowledged what it is made of: state that Kafka does not have is never durable.
 * Processing goes on during the waits.
 */
import { setImmediate } from 'node:timers/promises';
import { StreamsError } from '../errors.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { PartitionCommit } from '../kafka/group-types.ts';
import type { Logger } from '../kafka/types.ts';
import type { ActiveTask, TaskState } from './active-task.ts';
import { FencedStorageError } from './storage/state-backend.ts';
import type { StreamsCounters } from './streams-metrics.ts';

/** What a committer works with. */
export interface CommitterOptions {
  /** `StreamsProducer.commit`: asks for the offsets when the output is there, and makes state durable when Kafka has it. */
  readonly commitOutput: (offsets: () => readonly PartitionCommit[], makeDurable: () => Promise<void>) => Promise<void>;
  /** Under exactly_once: a commit is of all these tasks, and after one that failed `takeBack`, which never rejects, takes back what they have done. */
  readonly transaction?:
    | {
        allTasks(): readonly ActiveTask[];
        /** Rejects unless the group is in this member's generation still. */
        confirmMembership(): Promise<void>;
        takeBack(error: unknown): Promise<void>;
      }
    | undefined;
  /** False while the member is between two generations: nobody would take a commit. */
  readonly canCommit: () => boolean;
  /** A task whose state has another owner was not committed. Under exactly_once everything is taken back in its place. */
  readonly onFenced: (task: ActiveTask, error: FencedStorageError) => void;
  readonly onCommitted: (offsets: readonly PartitionCommit[]) => void;
  readonly intervalMs: number;
  /** Before the interval is over, when so much has come together over all tasks. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** When no commit has succeeded for so long since one began that Kafka could not take, the application ends (`taskTimeoutMs`). */
  readonly timeoutMs: number;
  /** A store that cannot be flushed, or no commit in `timeoutMs`: nothing may be committed any more. */
  readonly onError: (error: unknown) => void;
  readonly counters: StreamsCounters;
  readonly logger: Logger;
}

/** A task at the point between two records at which it is committed. */
interface PreparedTask {
  readonly active: ActiveTask;
  readonly offsets: readonly PartitionCommit[];
  /** What its storage is about to be handed. */
  readonly storedBytes: number;
}

/** States in which a task has something to commit. */
const COMMITTABLE: ReadonlySet<TaskState> = new Set(['RUNNING', 'SUSPENDED']);

/** Bytes of changes that storages are handed in one turn of the event loop (about 2 ms of it); what a task has more than that is handed over in one piece all the same. */
const HAND_OVER_BYTES = 256 * 1024;

/** A commit begins when one task alone has so much to store: what it has is handed over in one piece. */
const MAX_TASK_BYTES = 512 * 1024;

/** A task's transaction and checkpoint take as long as so many bytes of changes. */
const TASK_BYTES = 8 * 1024;

/** While no commit can start (one is under way, or the member rejoins) the loop looks again after this. */
const RETRY_MS = 20;

/** The client gives up when its next pause would end after its time: so much earlier at most. */
const LAST_PAUSE_MS = 1_200;

/** Commits tasks, one commit at a time. */
export class TaskCommitter {
  readonly #options: CommitterOptions;
  #running: Promise<void> | undefined;
  #lastStart = performance.now();
  /** A store could not be flushed: its next flush may leave out what this one lost, so there is no other commit. */
  #isBroken = false;
  /** Tasks of the commit at hand whose storage has not been handed its changes yet, though it may be. */
  #toHandOver = 0;
  /** When the first commit began of those that have failed since the last success because Kafka was not there for them. */
  #failingSinceMs: number | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** A storage is about to be handed its changes in this turn of the event loop. */
  get isHandingOver(): boolean {
    return this.#toHandOver > 0;
  }

  /** Milliseconds until it is worth asking for the next commit, given that there is something to commit. */
  dueInMs(): number {
    if (this.#running !== undefined || !this.#options.canCommit()) return RETRY_MS;
    return Math.max(0, this.#lastStart + this.#options.intervalMs - performance.now());
  }

  /** Starts a commit when the interval is over, much has come together or a processor asked for one, and none is under way. Returns at once. */
  commitWhenDue(tasks: readonly ActiveTask[]): void {
    if (this.#running !== undefined || this.#isBroken || !this.#options.canCommit()) return;
    if (this.dueInMs() > 0 && !tasks.some(({ task }) => task.commitRequested) && !this.#isLarge(tasks)) return;
    void this.commit(tasks);
  }

  /**
   * Commits what has been processed when it is called, after a commit that is under way. Never rejects: what could not
   * be committed is owed and comes with the next commit, or is processed again by the next owner. After a store that
   * could not be flushed it does nothing any more.
   */
  async commit(tasks: readonly ActiveTask[]): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const candidates = this.#options.transaction?.allTasks() ?? tasks;
    const due = candidates.filter(({ state, commitNeeded }) => COMMITTABLE.has(state) && commitNeeded);
    this.#lastStart = performance.now();
    if (due.length === 0 || this.#isBroken) return;
    this.#running = this.#commitNow(due).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #commitNow(due: readonly ActiveTask[]): Promise<void> {
    const { commitOutput, transaction, onCommitted, counters, logger } = this.#options;
    const started = performance.now();
    const prepared = this.#prepare(due);
    if (prepared === undefined) return;
    // A task that was lost meanwhile has another owner, perhaps with later commits.
    const fenced = new Map<ActiveTask, FencedStorageError>();
    const offsets = (): PartitionCommit[] =>
      prepared.flatMap(({ active, offsets }) => (active.isClosed || fenced.has(active) ? [] : offsets));
    try {
      await commitOutput(offsets, () => this.#makeDurable(prepared, fenced));
      this.#failingSinceMs = undefined;
      counters.commit.record(performance.now() - started);
      onCommitted(offsets());
      await this.#giveBack(fenced);
    } catch (error) {
      counters.commitFailures++;
      for (const active of due) active.commitOwed = true;
      const consequence = transaction === undefined ? 'it will be tried again' : 'what was done since is taken back';
      logger.warn({ err: error, tasks: due.map(({ name }) => name) }, `commit failed; ${consequence}`);
      if (this.#isOverdue(error, started)) return;
      await transaction?.takeBack(error);
    }
    for (const active of due) active.committing = false;
  }

  /** True: it has been tried for long enough, and the application has been told. */
  #isOverdue(error: unknown, startedMs: number): boolean {
    const { timeoutMs, onError } = this.#options;
    // What a rebalance refuses has another owner.
    if (!(error instanceof BrokerError) || !error.retriable) return false;
    this.#failingSinceMs ??= startedMs;
    const leftMs = this.#failingSinceMs + timeoutMs - performance.now();
    if (leftMs > Math.min(LAST_PAUSE_MS, timeoutMs / 2)) return false;
    this.#isBroken = true;
    onError(
      new StreamsError('STREAMS_TIMEOUT', `no commit within taskTimeoutMs (${timeoutMs}): ${error.message}`, {
        cause: error,
      }),
    );
    return true;
  }

  async #giveBack(fenced: ReadonlyMap<ActiveTask, FencedStorageError>): Promise<void> {
    const { transaction, onFenced } = this.#options;
    const [error] = fenced.values();
    if (error === undefined) return;
    if (transaction === undefined) {
      for (const [active, reason] of fenced) onFenced(active, reason);
      return;
    }
    try {
      await transaction.confirmMembership();
    } catch (refusal) {
      // Lost since the transaction, as the group will say; or Kafka is away, and the next commit is refused as this one was.
      this.#options.logger.info({ err: refusal }, 'the group does not confirm that fenced tasks are ours');
      return;
    }
    // What was processed since is in the next transaction, with that of all tasks.
    await transaction.takeBack(error);
  }

  #isLarge(tasks: readonly ActiveTask[]): boolean {
    const { maxRecords, maxBytes } = this.#options;
    let records = 0;
    let bytes = 0;
    for (const { task } of tasks) {
      records += task.uncommittedRecords;
      const { uncommittedBytes } = task.durability.storage;
      if (uncommittedBytes >= MAX_TASK_BYTES) return true;
      bytes += uncommittedBytes;
    }
    return records >= maxRecords || bytes >= maxBytes;
  }

  /** A task whose state has another owner adds itself to `fenced`: nothing of it is committed. Any other failure to store is the application's end. */
  async #makeDurable(due: readonly PreparedTask[], fenced: Map<ActiveTask, FencedStorageError>): Promise<void> {
    const { logger, onError } = this.#options;
    const store = async (active: ActiveTask): Promise<void> => {
      this.#toHandOver--;
      try {
        await active.task.durability.commit();
      } catch (error) {
        if (active.isClosed) return;
        if (!(error instanceof FencedStorageError)) {
          this.#isBroken = true;
          onError(error);
          throw error;
        }
        fenced.set(active, error);
        logger.warn({ err: error, task: active.name }, 'the state of a task has another owner; it is not committed');
      }
    };
    this.#toHandOver = due.length;
    // The first ones have a turn of their own too: the one at hand may have had a whole slice already.
    let turn: Promise<unknown> = due.some(({ storedBytes }) => storedBytes > 0) ? setImmediate() : Promise.resolve();
    let bytes = 0;
    await Promise.all(
      due.map(({ active, storedBytes }) => {
        if (bytes > 0 && bytes + storedBytes > HAND_OVER_BYTES) {
          turn = turn.then(() => setImmediate());
          bytes = 0;
        }
        bytes += storedBytes;
        return turn.then(() => store(active));
      }),
    );
  }

  #prepare(due: readonly ActiveTask[]): PreparedTask[] | undefined {
    try {
      return due.map((active) => {
        const offsets = active.task.prepareCommit();
        active.task.markCommitted();
        active.commitOwed = false;
        active.committing = true;
        const { isDurable, uncommittedBytes } = active.task.durability.storage;
        return { active, offsets, storedBytes: isDurable ? TASK_BYTES + uncommittedBytes : 0 };
      });
    } catch (error) {
      this.#isBroken = true;
      this.#options.onError(error);
      return undefined;
    }
  }
}

/**
 * The seam between tasks and what makes their state durable beside the changelog (decision 0005).
 *
 *     openTask ─▶ createStore | tee … (while the task is made) ─▶ ready ─▶ load | wipe ─▶ { seal ─▶ commit } ─▶ close
 */
import type { ChangelogWriter, StateStore } from '../../state/state-store.ts';
import type { StoreCodecs } from '../../state/store-builder.ts';
import type { StorePlan } from '../../topology/topology-plan.ts';
import { StreamsError } from '../../errors.ts';
import type { Checkpoint } from './checkpoint.ts';

/** Takes a record of a teed store: the bytes are valid during the call only. */
export type TakeStored = (key: Uint8Array, value: Uint8Array, timestamp: number) => void;

/** Where the tasks of an instance keep their state. */
export interface StateBackend {
  readonly name: 'memory' | 'lmdb' | 'redis';
  /** Instance-wide: the same after a restart on the same state, so that the assignor gives tasks back to who has them. Undefined before `open`, and where nothing survives. */
  readonly processId: string | undefined;
  /** Once, before anything else. Rejects when the state is another process's, and while the storage is away. */
  open(): Promise<void>;
  /** Tasks whose state is here, with what they hold. */
  storedTasks(): Promise<readonly StoredTask[]>;
  /** Synchronous, so that a task can be made at once: whatever needs I/O is done by `ready`. One of each task at a time; the next one of the same task waits for the last one's `close`. */
  openTask(taskId: string): TaskStorage;
  /** After the tasks' storages. With what they committed on disk, where there is one. */
  close(): Promise<void>;
}

/** A task whose state a backend holds. */
export interface StoredTask {
  readonly taskId: string;
  readonly checkpoint: Checkpoint;
}

/** What a task's state takes on disk. */
export interface DiskUsage {
  /** The whole file: pages that became free stay in it. */
  readonly totalBytes: number;
  /** By store: the pages that its entries are in. */
  readonly storeBytes: ReadonlyMap<string, number>;
}

/** The durable state of one task. */
export interface TaskStorage {
  /** False: nothing survives, there is never a checkpoint, and offsets carry no marker. */
  readonly isDurable: boolean;
  /** The store in its durable form; undefined: the builder's store in memory is used, with its changes teed to `tee`. Called before `ready`. */
  createStore(plan: StorePlan, codecs: StoreCodecs): StateStore | undefined;
  /** Takes each change of a store that lives in memory (the bytes that its changelog gets). Undefined: nobody wants them. */
  tee(plan: StorePlan): ChangelogWriter | undefined;
  /** Opens it and gives what the last commit wrote; undefined: nothing, or nothing that can be trusted. Rejects while the storage is away: call it again. */
  ready(): Promise<Checkpoint | undefined>;
  /** What `tee` was given up to the checkpoint, in an order in which the store takes it, to fill such a store again. */
  load(plan: StorePlan, take: TakeStored): Promise<void>;
  /** Forgets everything. The stores are empty then. */
  wipe(): Promise<void>;
  /** Everything written so far belongs to the next commit; what comes later, to the one after it. Synchronous. */
  seal(): void;
  /** The sealed changes and the checkpoint, in one transaction; one at a time. After a rejection the changes stay sealed. Waits for as long as it takes while the storage is away. Rejects with `FencedStorageError` when another owner has it. */
  commit(checkpoint: Checkpoint): Promise<void>;
  /** True while a commit waits for a storage that cannot be reached: nothing is to be processed meanwhile. */
  readonly isAway: boolean;
  /** Bytes not yet committed, sealed or not. */
  readonly uncommittedBytes: number;
  /** What it takes of this machine's disk, read now; undefined where it takes none, and while it is not open. */
  readonly diskUsage: DiskUsage | undefined;
  /** After a commit that is under way. What is not committed is forgotten. */
  close(): Promise<void>;
}

/** Another process owns the task's state now. */
export class FencedStorageError extends StreamsError {
  constructor(taskId: string) {
    super('STREAMS_STATE_STORE', `the state of task ${taskId} has another owner`, { context: { task: taskId } });
    this.name = 'FencedStorageError';
  }
}

/** The storage cannot be reached now: what was asked of it may be asked again. */
export class StorageAwayError extends StreamsError {
  constructor(taskId: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('STREAMS_STATE_STORE', `the state of task ${taskId} cannot be reached: ${reason}`, {
      context: { task: taskId },
      cause,
    });
    this.name = 'StorageAwayError';
  }
}

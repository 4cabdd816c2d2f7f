import { join } from 'node:path';
import type { BackendContext, LmdbOptions } from '../state-options.ts';
import type { StateBackend, StoredTask, TaskStorage } from '../state-backend.ts';
import { decodeCheckpoint } from '../checkpoint.ts';
import { bootId } from './boot-id.ts';
import { LmdbEnvironment } from './lmdb-environment.ts';
import { LmdbTaskStorage } from './lmdb-task-storage.ts';
import { ReadCache } from './read-cache.ts';
import { StateDirectory } from './state-directory.ts';

const DEFAULT_CACHE_BYTES = 64 * 2 ** 20;
const DEFAULT_CLEANUP_DELAY_MS = 600_000;
/** How often is looked for tasks that have been gone for `cleanupDelayMs`. */
const CLEANUP_INTERVAL_MS = 60_000;

/** State on disk: see `StateDirectory` and `LmdbTaskStorage`. */
export class LmdbBackend implements StateBackend {
  readonly name = 'lmdb';
  readonly #options: LmdbOptions;
  readonly #context: BackendContext;
  readonly #bootId: string | undefined;
  readonly #cache: ReadCache;
  #directory: StateDirectory | undefined;
  readonly #open = new Map<string, LmdbTaskStorage>();
  /** By task: resolves when the last storage of it is closed. */
  readonly #closing = new Map<string, Promise<void>>();
  /** When a task that is not here was here last, or was found. */
  readonly #goneSince = new Map<string, number>();
  #cleaner: NodeJS.Timeout | undefined;

  /** `machineBootId` is for tests. */
  constructor(options: LmdbOptions, context: BackendContext, machineBootId = bootId()) {
    this.#options = options;
    this.#context = context;
    this.#bootId = machineBootId;
    this.#cache = new ReadCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  }

  get processId(): string | undefined {
    return this.#directory?.processId;
  }

  async open(): Promise<void> {
    const { applicationId, logger, clock } = this.#context;
    this.#directory = await StateDirectory.open({
      path: join(this.#options.stateDir, applicationId),
      bootId: this.#bootId,
      logger,
    });
    for (const task of this.#directory.tasks()) this.#goneSince.set(task, clock());
    this.#cleaner = setInterval(() => this.removeGone(), CLEANUP_INTERVAL_MS).unref();
  }

  async storedTasks(): Promise<readonly StoredTask[]> {
    const directory = this.#requireDirectory();
    const found: StoredTask[] = [];
    for (const taskId of directory.tasks()) {
      await this.#closing.get(taskId);
      // Not the one that a task has opened meanwhile: lmdb-js shares environments by path.
      if (this.#open.has(taskId)) continue;
      const checkpoint = await checkpointIn(directory.pathOf(taskId));
      if (checkpoint !== undefined) found.push({ taskId, checkpoint });
    }
    return found;
  }

  openTask(taskId: string): TaskStorage {
    const storage: LmdbTaskStorage = new LmdbTaskStorage({
      path: this.#requireDirectory().pathOf(taskId),
      cache: this.#cache,
      logger: this.#context.logger,
      before: this.#closing.get(taskId) ?? Promise.resolve(),
      onClose: (closed) => this.#closed(taskId, storage, closed),
    });
    this.#open.set(taskId, storage);
    this.#goneSince.delete(taskId);
    return storage;
  }

  /** Removes the state of tasks that have not been here for `cleanupDelayMs` (Kafka Streams' `state.cleanup.delay.ms`). */
  removeGone(): void {
    const { cleanupDelayMs = DEFAULT_CLEANUP_DELAY_MS } = this.#options;
    const { clock, logger } = this.#context;
    for (const [task, since] of this.#goneSince) {
      if (clock() - since < cleanupDelayMs || this.#closing.has(task)) continue;
      this.#goneSince.delete(task);
      this.#directory?.remove(task);
      logger.info({ task }, 'the state of a task that has long been elsewhere is removed');
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#cleaner);
    await Promise.all([...this.#open.values()].map((storage) => storage.close()));
    await Promise.all(this.#closing.values());
    await this.#directory?.close();
    this.#directory = undefined;
  }

  #closed(taskId: string, storage: LmdbTaskStorage, closed: Promise<void>): void {
    const settled = closed.finally(() => {
      if (this.#closing.get(taskId) === settled) this.#closing.delete(taskId);
      if (this.#open.get(taskId) !== storage) return;
      this.#open.delete(taskId);
      this.#goneSince.set(taskId, this.#context.clock());
    });
    this.#closing.set(taskId, settled);
  }

  #requireDirectory(): StateDirectory {
    if (this.#directory === undefined) throw new Error('the state backend is not open');
    return this.#directory;
  }
}

/** Undefined for an environment without one, and for what is no environment. */
async function checkpointIn(path: string): Promise<StoredTask['checkpoint'] | undefined> {
  try {
    const environment = new LmdbEnvironment(path);
    const text = environment.meta('checkpoint');
    await environment.close();
    return text === undefined ? undefined : decodeCheckpoint(text);
  } catch {
    return undefined;
  }
}

/**
 * One application's directory of one process:
 *
 *     process.json          the process's name, the same for as long as the state lives
 *     running.json          while the application runs: the machine's boot id. Gone after a clean shutdown, when everything is on disk
 *     <task>/data.mdb       a task's environment
 *
 * The environments are written without fsync: after a kill the page cache has everything, so the state is as of its last commit. After a power
 * cut it may have anything: the boot id differs from the one in `running.json`, or cannot be known, and all tasks are wiped.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StreamsError } from '../../../errors.ts';
import type { Logger } from '../../../kafka/types.ts';
import { ProcessLock } from './process-lock.ts';

/** A process that is ending has this long to let go of the directory. */
const LOCK_WAIT_MS = 5_000;
const TASK_DIRECTORY = /^\d+_\d+$/;

/** What a directory is opened with. */
export interface StateDirectoryOptions {
  /** `<stateDir>/<applicationId>`. */
  readonly path: string;
  readonly bootId: string | undefined;
  readonly logger: Logger;
}

/** The directory, held by this process alone. */
export class StateDirectory {
  readonly path: string;
  readonly processId: string;
  readonly #lock: ProcessLock;

  private constructor(path: string, processId: string, lock: ProcessLock) {
    this.path = path;
    this.processId = processId;
    this.#lock = lock;
  }

  /** Rejects with `StreamsError` (STREAMS_STATE_STORE) when another process has it, or it cannot be written. */
  static async open({ path, bootId, logger }: StateDirectoryOptions): Promise<StateDirectory> {
    try {
      makeDirectories(path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StreamsError('STREAMS_STATE_STORE', `the state directory ${path} cannot be made: ${reason}`, { cause });
    }
    const lock = await ProcessLock.acquire(realpathSync(path), LOCK_WAIT_MS);
    if (lock === undefined) {
      throw new StreamsError(
        'STREAMS_STATE_STORE',
        `the state directory ${path} is in use; every process and every instance needs a stateDir of its own`,
      );
    }
    const running = readJson(join(path, 'running.json'));
    if (running !== undefined && (bootId === undefined || running['bootId'] !== bootId)) {
      logger.warn({ path }, 'the machine went down while state was written: it is restored from the changelogs');
      for (const task of taskDirectories(path)) rmSync(join(path, task), { recursive: true, force: true });
    }
    writeSynced(join(path, 'running.json'), JSON.stringify({ bootId }));
    return new StateDirectory(path, processIdIn(path), lock);
  }

  /** Ids of tasks that have a directory. */
  tasks(): string[] {
    return taskDirectories(this.path);
  }

  pathOf(taskId: string): string {
    return join(this.path, taskId);
  }

  remove(taskId: string): void {
    rmSync(this.pathOf(taskId), { recursive: true, force: true });
  }

  /** When all environments are closed: writes them to disk and says so. */
  async close(): Promise<void> {
    for (const task of this.tasks()) syncFile(join(this.path, task, 'data.mdb'));
    rmSync(join(this.path, 'running.json'), { force: true });
    syncFile(this.path);
    await this.#lock.release();
  }
}

const taskDirectories = (path: string): string[] => readdirSync(path).filter((name) => TASK_DIRECTORY.test(name));

function processIdIn(path: string): string {
  const file = join(path, 'process.json');
  const known = readJson(file)?.['processId'];
  if (typeof known === 'string') return known;
  const processId = randomUUID();
  writeSynced(file, JSON.stringify({ processId }));
  return processId;
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown> | null) ?? {};
  } catch {
    // Torn by a crash: it is there, and says nothing.
    return {};
  }
}

function writeSynced(file: string, text: string): void {
  writeFileSync(file, text);
  syncFile(file);
}

/** Of a directory too, where the platform can. */
function syncFile(path: string): void {
  if (!existsSync(path)) return;
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}

/** Makes a directory and those above it. Node's own `recursive` never returns below /proc (24.21). Throws the file system's error. */
function makeDirectories(path: string): void {
  if (!existsSync(dirname(path))) makeDirectories(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

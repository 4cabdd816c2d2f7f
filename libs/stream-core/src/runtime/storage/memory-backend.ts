import type { StateBackend, TaskStorage } from './state-backend.ts';

/** State in memory, durable in the changelogs alone. */
export class MemoryBackend implements StateBackend {
  readonly name = 'memory';
  readonly processId = undefined;

  async open(): Promise<void> {}

  storedTasks(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  openTask(): TaskStorage {
    return NO_STORAGE;
  }

  async close(): Promise<void> {}
}

/** Of a task whose state is in memory only. */
export const NO_STORAGE: TaskStorage = {
  isDurable: false,
  isAway: false,
  uncommittedBytes: 0,
  diskUsage: undefined,
  createStore: () => undefined,
  tee: () => undefined,
  ready: () => Promise.resolve(undefined),
  load: () => Promise.resolve(),
  wipe: () => Promise.resolve(),
  seal: () => {},
  commit: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

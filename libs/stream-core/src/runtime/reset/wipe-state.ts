import { stderrLogger } from '../../kafka/stderr-logger.ts';
import type { StateBackend } from '../storage/state-backend.ts';
import { createStateBackend, type StateOptions } from '../storage/state-options.ts';

/** Forgets the stored state of every task that is in a state directory or in Redis; gives their names. Rejects when a running instance has the directory. */
export async function wipeState(
  state: StateOptions,
  { applicationId, dryRun }: { readonly applicationId: string; readonly dryRun: boolean },
): Promise<readonly string[]> {
  const backend = createStateBackend(state, { applicationId, logger: stderrLogger, clock: Date.now });
  await backend.open();
  try {
    const tasks = (await backend.storedTasks()).map(({ taskId }) => taskId).sort();
    if (!dryRun) for (const task of tasks) await wipeTask(backend, task);
    return tasks;
  } finally {
    await backend.close();
  }
}

async function wipeTask(backend: StateBackend, task: string): Promise<void> {
  const storage = backend.openTask(task);
  try {
    await storage.ready();
    await storage.wipe();
  } finally {
    await storage.close();
  }
}

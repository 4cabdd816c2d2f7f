import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** A command of the lowest priority on one core: it runs when nothing else wants to. */
const whenIdle = (core: number, command: string): readonly string[] => [
  '--idle',
  '0',
  'taskset',
  '--cpu-list',
  `${core}`,
  command,
];

/**
 * Processes of the lowest priority, one on each core of the machine, that keep it from halting, as the kernel's `idle=poll`
 * does: many hosts give a core of a virtual machine away when it halts, and give it back late. `end` ends them. Nothing
 * where the machine has not what it needs for it (util-linux).
 */
export function startPollingCores(): { readonly end: () => void } | undefined {
  if (spawnSync('chrt', whenIdle(0, 'true')).status !== 0) return undefined;
  const program = join(import.meta.dirname, 'busy-core.ts');
  const children = Array.from({ length: availableParallelism() }, (_, core) =>
    spawn('chrt', [...whenIdle(core, process.execPath), program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  return {
    end: () => {
      for (const child of children) if (child.connected) child.disconnect();
    },
  };
}

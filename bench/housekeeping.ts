import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ONLINE = '/sys/devices/system/cpu/online';

/**
 * Keeps everything on the machine that may run anywhere on some cores, as low-latency set-ups do by `isolcpus` or tuned's cpu-partitioning: threads of
 * other programs and the kernel's (reclaiming memory, RCU; not those of one core and not its workqueues), which a kernel without preemption lets hold up
 * a service for as long as they run. What they start later is there with them, and stays there. Returns what puts them back, which nobody does for a process
 * that is killed; undefined where none could be moved, which needs Linux, root and `taskset`.
 */
export function moveHousekeeping(cores: string): (() => void) | undefined {
  const everywhere = onlineCores();
  if (everywhere === undefined) return undefined;
  const moved = threads().filter((thread) => allowedCores(thread) === everywhere && keepOn(cores, thread));
  if (moved.length === 0) return undefined;
  return () => {
    for (const thread of moved) keepOn(everywhere, thread);
  };
}

function onlineCores(): string | undefined {
  try {
    return readFileSync(ONLINE, 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** Ids of all threads, the kernel's too. */
function threads(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ifItRuns(() => readdirSync(`/proc/${pid}/task`)) ?? []);
}

const allowedCores = (thread: string): string | undefined =>
  /^Cpus_allowed_list:\s*(.*)$/m.exec(ifItRuns(() => readFileSync(`/proc/${thread}/status`, 'latin1')) ?? '')?.[1];

function ifItRuns<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** False for one that the kernel does not let go elsewhere, or that has ended. */
const keepOn = (cores: string, thread: string): boolean => spawnSync('taskset', ['-cp', cores, thread]).status === 0;

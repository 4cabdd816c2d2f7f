import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The parent of the kernel's threads (Linux). */
const KTHREADD = '2';
const ONLINE = '/sys/devices/system/cpu/online';

/**
 * Keeps the kernel's threads that may run anywhere (reclaiming memory, RCU, not those of one core and not its workqueues) on
 * some cores, as low-latency set-ups do by `isolcpus` or tuned's cpu-partitioning: a kernel without preemption lets one of
 * them hold up a service for as long as it runs. Returns what puts them back, which nobody does for a process that is killed;
 * undefined where none could be moved, which needs Linux, root and `taskset`.
 */
export function moveHousekeeping(cores: string): (() => void) | undefined {
  const everywhere = onlineCores();
  if (everywhere === undefined) return undefined;
  const moved = readdirSync('/proc').filter((pid) => runsAnywhere(pid, everywhere) && keepOn(cores, pid));
  if (moved.length === 0) return undefined;
  return () => {
    for (const pid of moved) keepOn(everywhere, pid);
  };
}

function onlineCores(): string | undefined {
  try {
    return readFileSync(ONLINE, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function runsAnywhere(pid: string, everywhere: string): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return fieldOf(status, 'PPid') === KTHREADD && fieldOf(status, 'Cpus_allowed_list') === everywhere;
  } catch {
    // It has ended.
    return false;
  }
}

const fieldOf = (status: string, name: string): string | undefined =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];

/** False for one that the kernel does not let go elsewhere. */
const keepOn = (cores: string, pid: string): boolean => spawnSync('taskset', ['-cp', cores, pid]).status === 0;

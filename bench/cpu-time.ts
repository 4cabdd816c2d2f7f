import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc, as on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

interface ProcessCpu {
  readonly parent: number;
  readonly seconds: number;
}

function processCpu(pid: number): ProcessCpu | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** User and system seconds used so far by `pid` and everything below it; NaN where there is no /proc. */
export function treeCpuSeconds(pid: number): number {
  if (processCpu(pid) === undefined) return Number.NaN;
  const all = new Map<number, ProcessCpu>();
  for (const name of readdirSync('/proc')) {
    const id = Number(name);
    const cpu = Number.isInteger(id) ? processCpu(id) : undefined;
    if (cpu !== undefined) all.set(id, cpu);
  }
  const below = (id: number): boolean => id === pid || (all.has(id) && id > 1 && below(all.get(id)!.parent));
  let seconds = 0;
  for (const [id, cpu] of all) if (below(id)) seconds += cpu.seconds;
  return seconds;
}

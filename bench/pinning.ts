import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which cores the programs under test get, and which the load; on a machine of two cores they share. */
export interface Pinning {
  readonly underTest: readonly string[];
  readonly load: readonly string[];
  /** Cores that only the load has, as `taskset` takes them; absent where it has none of its own. */
  readonly others?: string;
  readonly described: string;
}

/** Two cores for what is measured, the others (where there are any) for the load; without `taskset` nothing is pinned, and the text says so. */
export function pinning(): Pinning {
  const cores = availableParallelism();
  if (spawnSync('taskset', ['--version']).status !== 0) {
    return { underTest: [], load: [], described: `nothing pinned (no taskset), ${cores} cores shared` };
  }
  if (cores <= 2) {
    return {
      underTest: ['taskset', '-c', '0,1'],
      load: [],
      described: `services and broker on cores 0,1; the load shares them (${cores} cores)`,
    };
  }
  const others = `2-${cores - 1}`;
  return {
    underTest: ['taskset', '-c', '0,1'],
    load: ['taskset', '-c', others],
    others,
    described: `services and broker on cores 0,1; load on ${others}`,
  };
}

import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** One line about where a benchmark runs: cores, versions, load. */
export function describeEnvironment(): string {
  const java = /version "([^"]+)"/.exec(spawnSync('java', ['-version']).stderr?.toString() ?? '')?.[1];
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return [
    `${availableParallelism()} cores (${processor})`,
    `Node ${process.versions.node}`,
    java === undefined ? 'no Java' : `Java ${java}`,
    describeLoad(),
  ].join(', ');
}

/** What else the machine does. */
export const describeLoad = (): string => `load average ${loadavg()[0]!.toFixed(1)}`;

import { percentile } from '../percentile.ts';

/**
 * Loaded into a job with `--import`: prints at its end how long the turns of its event loop were, without what it waited in them. A turn is from one `setImmediate` to the next, so that slice,
 * fetched answers, timers and garbage collection of a turn are one. What others have the cores for is in the time and not in the thread's CPU.
 */
const LIMIT_MS = 10;
/** A turn with less work is a waiting one. */
const LEAST_MS = 0.2;
/** By then the program's modules are loaded, which is one long turn. */
const LOADING_CPU_MS = 1_500;

const walls: number[] = [];
const cpus: number[] = [];

interface Reading {
  readonly atMs: number;
  readonly idleMs: number;
  readonly cpuMs: number;
}

function read(): Reading {
  const { user, system } = process.threadCpuUsage();
  return { atMs: performance.now(), idleMs: performance.nodeTiming.idleTime, cpuMs: (user + system) / 1000 };
}

let last = read();

function turn(): void {
  const now = read();
  const cpuMs = now.cpuMs - last.cpuMs;
  if (cpuMs >= LEAST_MS && last.cpuMs >= LOADING_CPU_MS) {
    walls.push(now.atMs - last.atMs - (now.idleMs - last.idleMs));
    cpus.push(cpuMs);
  }
  last = now;
  setImmediate(turn).unref();
}

function describe(name: string, all: readonly number[]): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => percentile(all, part).toFixed(1));
  return `${name} p50 ${p50}, p99 ${p99}, max ${most} ms, ${all.filter((ms) => ms > LIMIT_MS).length} over ${LIMIT_MS} ms`;
}

setImmediate(turn).unref();
process.once('exit', () => {
  console.log(`${walls.length} turns: ${describe('CPU of the thread', cpus)}; ${describe('time', walls)}`);
});

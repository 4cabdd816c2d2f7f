import type { SoakReport } from './messages.ts';

/** One minute of a soak. */
export interface SoakMinute {
  readonly recordsPerSecond: number;
  readonly recordsPerCpuSecond: number;
  /** Least heap in use within the minute, just after a collection: what is really kept. Megabytes, as all below. */
  readonly heapFloor: number;
  readonly heapPeak: number;
  readonly buffers: number;
  readonly resident: number;
}

const MB = 2 ** 20;

/** Sums up the reports of a minute; `before` is the last one of the minute before. */
export function summarise(before: SoakReport, reports: readonly SoakReport[], seconds: number): SoakMinute {
  const last = reports.at(-1) ?? before;
  const of = (part: keyof NodeJS.MemoryUsage): number[] => reports.map(({ memory }) => memory[part] / MB);
  const records = last.records - before.records;
  return {
    recordsPerSecond: records / seconds,
    recordsPerCpuSecond: records / (last.cpuSeconds - before.cpuSeconds),
    heapFloor: Math.min(...of('heapUsed')),
    heapPeak: Math.max(...of('heapUsed')),
    buffers: Math.min(...of('arrayBuffers')),
    resident: Math.max(...of('rss')),
  };
}

/** How much a figure grew from the first third of the minutes after the warm-up to the last third, as a share. */
export function growth(values: readonly number[], warmUpMinutes: number): number {
  const settled = values.slice(Math.min(warmUpMinutes, Math.max(0, values.length - 3)));
  const third = Math.max(1, Math.floor(settled.length / 3));
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / part.length;
  return mean(settled.slice(-third)) / mean(settled.slice(0, third)) - 1;
}

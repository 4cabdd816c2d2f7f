import type { JobArguments } from './job-arguments.ts';

/** CPU (user and system, all threads of the process) and wall-clock time of a part of a run. */
export interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** What a contestant's process prints as its last line, after `RESULT `. */
export interface JobResult {
  /** Those that were taken before it was closed: a few more than asked for when there are more. */
  readonly records: number;
  /** From the first record until everything is acknowledged, committed and closed. */
  readonly whole: Cost;
  /** From the middle record to the last one. */
  readonly secondHalf: Cost;
  /** Of the process, start included. */
  readonly processCpuSeconds: number;
  readonly residentMB: number;
}

interface Moment {
  readonly cpu: NodeJS.CpuUsage;
  readonly atMs: number;
}

const now = (): Moment => ({ cpu: process.cpuUsage(), atMs: performance.now() });
const between = (from: Moment, to: Moment): Cost => ({
  cpuSeconds: (to.cpu.user + to.cpu.system - from.cpu.user - from.cpu.system) / 1e6,
  wallSeconds: (to.atMs - from.atMs) / 1000,
});

/** Counts a job's records and notes what the first, the middle and the last one had cost. */
export class JobMeter {
  readonly #expected: number;
  readonly #half: number;
  readonly #done = Promise.withResolvers<void>();
  #records = 0;
  #first: Moment | undefined;
  #middle: Moment | undefined;
  #last: Moment | undefined;

  constructor({ records }: Pick<JobArguments, 'records'>) {
    this.#expected = records > 0 ? records : Number.POSITIVE_INFINITY;
    this.#half = Math.floor(this.#expected / 2);
    process.stdin.once('end', () => this.#done.resolve()).resume();
  }

  /** Call for each record when it is taken. */
  tick(): void {
    const records = ++this.#records;
    if (records === 1) this.#first = now();
    else if (records === this.#half) this.#middle = now();
    else if (records === this.#expected) {
      this.#last = now();
      this.#done.resolve();
    }
  }

  /** Resolves when the last record was taken, or when the standard input has ended. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Call when everything is closed: prints the result and ends the process. */
  finish(): never {
    const closed = now();
    const { cpu } = closed;
    const result: JobResult = {
      records: this.#records,
      whole: between(this.#first ?? closed, closed),
      secondHalf: between(this.#middle ?? closed, this.#last ?? closed),
      processCpuSeconds: (cpu.user + cpu.system) / 1e6,
      residentMB: process.memoryUsage.rss() / 2 ** 20,
    };
    console.log(`RESULT ${JSON.stringify(result)}`);
    process.exit(0);
  }
}

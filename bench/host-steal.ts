import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { TICKS_PER_SECOND } from './cpu-time.ts';

const SAMPLE_MS = 1000;
/** Share of all cores that a machine's host may take in a second that counts as undisturbed. */
const QUIET_SHARE = 0.01;
/** What piled up in a second is worked off in those after it. */
const QUIET_BEFORE_MS = 2000;
const QUIET_AFTER_MS = 1000;

interface Sample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stolenShare: number;
}

interface Reading {
  /** Of the clock, milliseconds. */
  readonly atMs: number;
  /** Since the machine started, all cores together. */
  readonly stolenSeconds: number;
}

/**
 * How much of a virtual machine's cores its host gave to others while they were wanted (`steal` in /proc/stat), second by
 * second from its making on. Where /proc does not tell it, nothing was taken.
 */
export class HostSteal {
  readonly #first = read();
  #last = this.#first;
  readonly #samples: Sample[] = [];
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();

  /** Samples a last time. */
  end(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  /** Share of all cores that was taken. */
  get share(): number {
    return stolenShare(this.#first, this.#last);
  }

  /**
   * Whether what began at `atMs` (of the clock) was undisturbed: hardly anything was taken from 2 s before to 1 s after,
   * however long it took itself.
   */
  wasQuiet(atMs: number): boolean {
    const [fromMs, toMs] = [atMs - QUIET_BEFORE_MS, atMs + QUIET_AFTER_MS];
    return this.#samples.every(
      (sample) => sample.stolenShare < QUIET_SHARE || sample.toMs <= fromMs || sample.fromMs >= toMs,
    );
  }

  #sample(): void {
    const before = this.#last;
    this.#last = read();
    this.#samples.push({
      fromMs: before.atMs,
      toMs: this.#last.atMs,
      stolenShare: stolenShare(before, this.#last),
    });
  }
}

function stolenShare(from: Reading, to: Reading): number {
  const seconds = Math.max(1, to.atMs - from.atMs) / 1000;
  return (to.stolenSeconds - from.stolenSeconds) / seconds / availableParallelism();
}

function read(): Reading {
  try {
    // "cpu  user nice system idle iowait irq softirq steal guest …"
    const ticks = Number(readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/)[8] ?? 0);
    return { atMs: Date.now(), stolenSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return { atMs: Date.now(), stolenSeconds: 0 };
  }
}

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Clock ticks a second of /proc/stat. */
const TICKS_PER_SECOND = 100;
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

/**
 * How much of a virtual machine's cores its host gave to others while they were wanted (`steal` in /proc/stat), second by
 * second from its making on. Where /proc does not tell it, nothing was taken.
 */
export class HostSteal {
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #before = { atMs: Date.now(), stolen: stolenSeconds() };

  constructor() {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** Samples a last time. */
  end(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  /** Share of all cores that was taken. */
  get share(): number {
    const weighted = this.#samples.map(({ fromMs, toMs, stolenShare }) => (toMs - fromMs) * stolenShare);
    return weighted.reduce((sum, part) => sum + part, 0) / this.#samples.reduce((sum, one) => sum + lengthOf(one), 0);
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
    const now = { atMs: Date.now(), stolen: stolenSeconds() };
    const { atMs: fromMs, stolen } = this.#before;
    const seconds = Math.max(1, now.atMs - fromMs) / 1000;
    const stolenShare = (now.stolen - stolen) / seconds / availableParallelism();
    this.#samples.push({ fromMs, toMs: now.atMs, stolenShare });
    this.#before = now;
  }
}

const lengthOf = ({ fromMs, toMs }: Sample): number => toMs - fromMs;

/** Since the machine started, all cores together. */
function stolenSeconds(): number {
  try {
    // "cpu  user nice system idle iowait irq softirq steal guest …"
    return Number(readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/)[8] ?? 0) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

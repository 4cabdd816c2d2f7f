import { ArgumentError } from '../errors.ts';

/** How time windows are laid out. */
export interface TimeWindowsOptions {
  readonly sizeMs: number;
  /** Distance between starts, at most `sizeMs`. Default `sizeMs`: tumbling windows; less: hopping ones, which overlap. */
  readonly advanceMs?: number | undefined;
  /** How long after its end, by stream time, a window still takes records. */
  readonly graceMs: number;
}

/** Tumbling and hopping windows [start, start + size), aligned to the epoch: no window starts before 0. */
export class TimeWindows {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;

  private constructor(sizeMs: number, advanceMs: number, graceMs: number) {
    this.sizeMs = sizeMs;
    this.advanceMs = advanceMs;
    this.graceMs = graceMs;
  }

  /** Throws `ArgumentError` for a size below 1, an advance outside 1…size, a negative grace, and what is no whole number. */
  static of({ sizeMs, advanceMs = sizeMs, graceMs }: TimeWindowsOptions): TimeWindows {
    requireWhole('sizeMs', sizeMs, 1, Infinity);
    requireWhole('advanceMs', advanceMs, 1, sizeMs);
    requireWhole('graceMs', graceMs, 0, Infinity);
    return new TimeWindows(sizeMs, advanceMs, graceMs);
  }

  /** Start of the earliest window that holds `timestamp`; the others follow every `advanceMs` up to it. */
  firstStart(timestamp: number): number {
    const { sizeMs, advanceMs } = this;
    return Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs;
  }
}

function requireWhole(what: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const allowed = max === Infinity ? `whole numbers from ${min}` : `whole numbers from ${min} to ${max}`;
  throw new ArgumentError(`${what} is ${value}; allowed: ${allowed}`);
}

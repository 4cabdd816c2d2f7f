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

/** How sliding windows are made. */
export interface SlidingWindowsOptions {
  /** Greatest difference between two timestamps of one window. 0 and more. */
  readonly timeDifferenceMs: number;
  /** How long after its end, by stream time, a window still takes records. */
  readonly graceMs: number;
}

/** Windows [start, start + difference], both ends included, one for each set of records of a key that lie that close together. */
export class SlidingWindows {
  readonly timeDifferenceMs: number;
  readonly graceMs: number;

  private constructor(timeDifferenceMs: number, graceMs: number) {
    this.timeDifferenceMs = timeDifferenceMs;
    this.graceMs = graceMs;
  }

  /** Throws `ArgumentError` for what is negative or no whole number. */
  static of({ timeDifferenceMs, graceMs }: SlidingWindowsOptions): SlidingWindows {
    requireWhole('timeDifferenceMs', timeDifferenceMs, 0, Infinity);
    requireWhole('graceMs', graceMs, 0, Infinity);
    return new SlidingWindows(timeDifferenceMs, graceMs);
  }
}

/** How sessions are told apart. */
export interface SessionWindowsOptions {
  /** Records of a key that are at most this far apart belong to one session. 0 and more. */
  readonly inactivityGapMs: number;
  /** How long after its end and the gap, by stream time, a session still takes records. */
  readonly graceMs: number;
}

/** Sessions [first record, last record], both included, divided by pauses longer than the gap. */
export class SessionWindows {
  readonly inactivityGapMs: number;
  readonly graceMs: number;

  private constructor(inactivityGapMs: number, graceMs: number) {
    this.inactivityGapMs = inactivityGapMs;
    this.graceMs = graceMs;
  }

  /** Throws `ArgumentError` for what is negative or no whole number. */
  static of({ inactivityGapMs, graceMs }: SessionWindowsOptions): SessionWindows {
    requireWhole('inactivityGapMs', inactivityGapMs, 0, Infinity);
    requireWhole('graceMs', graceMs, 0, Infinity);
    return new SessionWindows(inactivityGapMs, graceMs);
  }
}

/** One window from a start on, without end: it never closes and its store never forgets. Records before the start belong to none. */
export class UnlimitedWindows {
  readonly sizeMs = Infinity;
  readonly advanceMs = Infinity;
  readonly graceMs = 0;
  readonly #startMs: number;

  private constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Throws `ArgumentError` for a start that is negative or no whole number. */
  static of({ startMs = 0 }: { readonly startMs?: number | undefined } = {}): UnlimitedWindows {
    requireWhole('startMs', startMs, 0, Infinity);
    return new UnlimitedWindows(startMs);
  }

  /** Start of the window, whether it holds `timestamp` or begins after it. */
  firstStart(_timestamp: number): number {
    return this.#startMs;
  }
}

/**
 * When a windowed aggregation sends results. ON_WINDOW_UPDATE: with every record. ON_WINDOW_CLOSE: once, when stream time has passed the window's end and its grace, so only with later
 * input; a window is sent before its store forgets it.
 */
export type EmitStrategy = 'ON_WINDOW_UPDATE' | 'ON_WINDOW_CLOSE';

function requireWhole(what: string, value: number | undefined, min: number, max: number): void {
  if (value !== undefined && Number.isSafeInteger(value) && value >= min && value <= max) return;
  const allowed = max === Infinity ? `whole numbers from ${min}` : `whole numbers from ${min} to ${max}`;
  throw new ArgumentError(`${what} is ${value ?? 'missing'}; allowed: ${allowed}`);
}

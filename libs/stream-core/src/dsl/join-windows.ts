import { ArgumentError } from '../errors.ts';

/** How far apart in time records of two streams may be to be joined. */
export interface JoinWindowsOptions {
  /** How much earlier than the left record the right one may be. Negative: it has to be that much later. */
  readonly beforeMs: number;
  /** How much later than the left record the right one may be. Negative: it has to be that much earlier. */
  readonly afterMs: number;
  /** How long, by stream time, late records still find partners and unmatched ones are waited for. */
  readonly graceMs: number;
}

/** A left record at t is joined with right records from t - before to t + after, both included. */
export class JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;

  private constructor(beforeMs: number, afterMs: number, graceMs: number) {
    this.beforeMs = beforeMs;
    this.afterMs = afterMs;
    this.graceMs = graceMs;
  }

  /** Throws `ArgumentError` where the window would end before it starts, for a negative grace, and for what is no whole number. */
  static of({ beforeMs, afterMs, graceMs }: JoinWindowsOptions): JoinWindows {
    for (const [what, value] of Object.entries<number | undefined>({ beforeMs, afterMs, graceMs })) {
      if (!Number.isSafeInteger(value))
        throw new ArgumentError(`${what} is ${value ?? 'missing'}; allowed: whole numbers`);
    }
    if (beforeMs + afterMs < 0) {
      throw new ArgumentError(
        `the window from ${beforeMs} before to ${afterMs} after ends before it starts; allowed: a sum of at least 0`,
      );
    }
    if (graceMs < 0) throw new ArgumentError(`graceMs is ${graceMs}; allowed: whole numbers from 0`);
    return new JoinWindows(beforeMs, afterMs, graceMs);
  }

  /** Windows of the same distance to either side. */
  static within(timeDifferenceMs: number, { graceMs }: { readonly graceMs: number }): JoinWindows {
    return JoinWindows.of({ beforeMs: timeDifferenceMs, afterMs: timeDifferenceMs, graceMs });
  }

  get sizeMs(): number {
    return this.beforeMs + this.afterMs;
  }

  /** How long the records of either side are kept. */
  get retentionMs(): number {
    return this.sizeMs + this.graceMs;
  }
}

import type { Timed } from './timed.ts';

/** A turn of the loop that took longer, of a process that never sleeps, is a stall. */
const STALL_MS = 5;

/** Watches when this process did not go on: it did not run, or had something else to do. */
export class OwnStalls {
  readonly found: Timed[] = [];
  #ended = false;

  /** Resolves after `end`. The loop of the process must not sleep anyway. */
  async watch(): Promise<void> {
    for (let last = performance.now(); !this.#ended;) {
      await new Promise(setImmediate);
      const now = performance.now();
      if (now - last > STALL_MS) this.found.push({ atMs: performance.timeOrigin + last, tookMs: now - last });
      last = now;
    }
  }

  end(): void {
    this.#ended = true;
  }
}

/** Whether one of the stalls lies in the time that something took: it may have taken less. */
export const isWithin = (stalls: readonly Timed[], { atMs, tookMs }: Timed): boolean =>
  stalls.some((stall) => stall.atMs < atMs + tookMs && stall.atMs + stall.tookMs > atMs);

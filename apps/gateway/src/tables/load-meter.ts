import { performance } from 'node:perf_hooks';

/** Share of the event loop's time, and of the records that may wait for Kafka, that the gateway should take at most. */
const FULL_SHARE = 0.8;
const WINDOW_MS = 1_000;

/**
 * How loaded this gateway is: 1 is all that it should take. The greater of the event loop's busy share in the last second
 * and of the records that wait for Kafka. Above 1 players are asked to beat less often.
 */
export class LoadMeter {
  readonly #pendingShare: () => number;
  readonly #now: () => number;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #before = performance.eventLoopUtilization();
  #busy = 0;

  constructor(options: { readonly pendingShare: () => number; readonly now: () => number }) {
    this.#pendingShare = options.pendingShare;
    this.#now = options.now;
  }

  get load(): number {
    const now = this.#now();
    if (now - this.#measuredAt >= WINDOW_MS) {
      const total = performance.eventLoopUtilization();
      this.#busy = performance.eventLoopUtilization(total, this.#before).utilization;
      this.#before = total;
      this.#measuredAt = now;
    }
    return Math.max(this.#busy, this.#pendingShare()) / FULL_SHARE;
  }
}

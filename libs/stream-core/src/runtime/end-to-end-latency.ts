/**
 * From a record's timestamp to the end of its processing here (KIP-613), counted once per turn of a task: mean, least and
 * greatest of all its records, exact but for the length of the turn, and a histogram of one record per turn.
 */
import type { RecordTimes } from './task/record-times.ts';

/** Kafka's metrics.sample.window.ms; two windows are shown together, so that what is shown is of the last 30 to 60 seconds. */
const WINDOW_MS = 30_000;

/** Upper bounds in milliseconds; the last one is without end. */
export const LATENCY_BUCKETS_MS: readonly number[] = [
  1,
  2,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1_000,
  2_500,
  5_000,
  10_000,
  30_000,
  60_000,
  Infinity,
];

class Window {
  readonly sinceMs: number;
  count = 0;
  totalMs = 0;
  minMs = Infinity;
  maxMs = -Infinity;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }
}

/** Mean, least and greatest age in milliseconds. */
export interface LatencySummary {
  readonly avgMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Of one task. */
export class EndToEndLatency {
  #now = new Window(0);
  #before = new Window(0);

  /** Takes over what a turn has processed. */
  note(times: RecordTimes, nowMs: number): void {
    if (nowMs - this.#now.sinceMs >= WINDOW_MS) this.#turnOver(nowMs);
    const window = this.#now;
    window.count += times.count;
    window.totalMs += (nowMs - times.firstMs) * times.count - times.sumAfterFirstMs;
    window.minMs = Math.min(window.minMs, nowMs - times.maxMs);
    window.maxMs = Math.max(window.maxMs, nowMs - times.minMs);
  }

  /** Undefined: nothing was processed lately. */
  summary(nowMs: number): LatencySummary | undefined {
    const recent = [this.#now, this.#before].filter(
      ({ sinceMs, count }) => count > 0 && nowMs - sinceMs < 2 * WINDOW_MS,
    );
    if (recent.length === 0) return undefined;
    const count = recent.reduce((sum, window) => sum + window.count, 0);
    return {
      avgMs: recent.reduce((sum, window) => sum + window.totalMs, 0) / count,
      minMs: Math.min(...recent.map(({ minMs }) => minMs)),
      maxMs: Math.max(...recent.map(({ maxMs }) => maxMs)),
    };
  }

  #turnOver(nowMs: number): void {
    this.#before = this.#now;
    this.#now = new Window(nowMs);
  }
}

/** Of all tasks: how many sampled records were at most so old. */
export class LatencyHistogram {
  readonly #counts: number[] = LATENCY_BUCKETS_MS.map(() => 0);
  count = 0;
  totalMs = 0;

  record(latencyMs: number): void {
    const bucket = LATENCY_BUCKETS_MS.findIndex((bound) => latencyMs <= bound);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.count++;
    this.totalMs += latencyMs;
  }

  /** Each upper bound and how many are at or below it. */
  *buckets(): Generator<readonly [upToMs: number, count: number]> {
    let sum = 0;
    for (const [index, upToMs] of LATENCY_BUCKETS_MS.entries()) {
      sum += this.#counts[index] ?? 0;
      yield [upToMs, sum];
    }
  }
}

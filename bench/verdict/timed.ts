/** What took a time, and when it began. */
export interface Timed {
  /** Of the clock, milliseconds. */
  readonly atMs: number;
  readonly tookMs: number;
}

/** The time since `startedAt`, which is one of `performance.now()`. */
export const timedSince = (startedAt: number): Timed => ({
  atMs: performance.timeOrigin + startedAt,
  tookMs: performance.now() - startedAt,
});

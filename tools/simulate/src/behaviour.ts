/** What simulated viewers do: means of waiting times in milliseconds, and chances. */
export const BEHAVIOUR = {
  /** From one playback to the next. */
  browseMs: 20_000,
  /** From channel to channel. */
  zapMs: 1_500,
  /** After a refusal. */
  retryMs: 8_000,
  /** Nobody is faster than this. */
  shortestBreakMs: 500,
  /** From the click to the first picture. */
  startupMs: 900,
  /** Until something happens while playing. */
  untilNextMs: 45_000,
  pauseMs: 25_000,
  seekMs: 600,
  rebufferMs: 2_500,
  /** Beats come this much early or late, as a share of the interval. */
  jitter: 0.05,
  /** What happens then; what is left of 1 is a bitrate change. */
  chances: { pause: 0.16, seek: 0.14, rebuffer: 0.12, zap: 0.16, stop: 0.1, crash: 0.05, error: 0.03 },
  /** A start that never gets to its first picture. */
  startFailure: 0.01,
  bitratesKbps: [800, 1_800, 3_500, 6_000, 12_000],
  /** Buffered media while playing. */
  bufferMs: 20_000,
} as const;

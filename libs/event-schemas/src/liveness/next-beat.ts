/** Share by which a beat may be asked for earlier or later, so that players that began together drift apart. */
const JITTER = 0.1;
/** Longest stretch of the interval under load. */
const MAX_STRETCH = 3;

/** What decides when a player is to beat next. */
export interface NextBeat {
  /** Interval of the tenant, milliseconds. */
  readonly intervalMs: number;
  /** Load of the one who is beaten to, 1 is all it should take. Above 1 the interval grows with it, to 3 times at most. */
  readonly load: number;
  /** From 0 to 1, as `Math.random` gives it. */
  readonly random: number;
}

/**
 * When a player is to beat next, milliseconds from now. The one who answers it puts the same number into the beat's record
 * (`intervalMs`): the guard's lease is that and the grace, so a lease grows with the interval that was asked for.
 */
export function nextBeatInMs({ intervalMs, load, random }: NextBeat): number {
  const stretched = intervalMs * Math.min(MAX_STRETCH, Math.max(1, load));
  return Math.round(stretched * (1 + JITTER * (2 * random - 1)));
}

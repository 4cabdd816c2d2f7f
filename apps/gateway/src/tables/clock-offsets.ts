import { makeRoom } from '@playhead/service-kit';

/** Measurements kept for each session. */
const SAMPLES = 8;
const DAY_MS = 86_400_000;

/**
 * The largest time or span, in milliseconds, that is taken from outside, either side of 0. avsc writes longs exactly
 * within ±2^52 and beyond that loses the sign without a word; below this the difference from our own time fits too.
 */
export const LARGEST_TIME_MS = 4e15;

/** When something happened, as far as can be told. */
export interface EventTime {
  /** Client time corrected by the offset, within [received − 24 h, received]. */
  readonly eventTime: number;
  /** Added to the client's time to get the event time before it was limited. */
  readonly clockOffsetMs: number;
}

/**
 * Measures how far each session's clock is from ours. Every request is a measurement: received time minus the newest
 * client time in it, that is the offset plus the way through the network and whatever the client waited. The least of the
 * last eight is closest to the offset; a clock that is set anew is believed after eight requests. Full, the table
 * forgets the session that came first.
 */
export class ClockOffsets {
  readonly #samples = new Map<string, { readonly ring: Float64Array; next: number }>();
  readonly #maxSessions: number;

  constructor({ maxSessions }: { readonly maxSessions: number }) {
    this.#maxSessions = maxSessions;
  }

  /** Takes a measurement and returns the offset in force: milliseconds to add to a client time. */
  measure(session: string, newestClientTime: number, receivedAt: number): number {
    let known = this.#samples.get(session);
    if (known === undefined) {
      makeRoom(this.#samples, this.#maxSessions);
      known = { ring: new Float64Array(SAMPLES).fill(Infinity), next: 0 };
      this.#samples.set(session, known);
    }
    known.ring[known.next] = receivedAt - newestClientTime;
    known.next = (known.next + 1) % SAMPLES;
    let least = Infinity;
    for (const sample of known.ring) if (sample < least) least = sample;
    return least;
  }

  forget(session: string): void {
    this.#samples.delete(session);
  }

  get size(): number {
    return this.#samples.size;
  }
}

/** The event time of a client time under an offset. */
export function correctedTime(clientTime: number, clockOffsetMs: number, receivedAt: number): EventTime {
  const corrected = Math.round(clientTime + clockOffsetMs);
  return { eventTime: Math.min(receivedAt, Math.max(receivedAt - DAY_MS, corrected)), clockOffsetMs };
}

import type { AccountRef, AdmissionDecision, ConcurrencyGuard, LogPosition } from '@playhead/event-schemas';
import { withinTime } from '../within-time.ts';

/** Least time between two questions, for a guard that refuses at once. */
const PAUSE_MS = 25;

/** How long admission asks. */
export interface DecisionPatience {
  readonly tryMs: number;
  readonly totalMs: number;
  /** Milliseconds from any origin, never set back. */
  readonly monotonicMs: () => number;
}

/**
 * Asks the guard for the decision on the start at `position`, again and again with the same position: whoever owns the
 * account by then answers the same. Resolves with undefined when nobody did within `totalMs`.
 */
export async function askForDecision(
  guard: ConcurrencyGuard,
  { position, ...start }: AccountRef & { readonly session: string; readonly position: LogPosition },
  { tryMs, totalMs, monotonicMs }: DecisionPatience,
): Promise<AdmissionDecision | undefined> {
  const giveUpAt = monotonicMs() + totalMs;
  // Kafka does not always know the offset of a batch that it was sent twice (−1): without a bound an answer may come
  // before the start was processed, which is a failed try like any other.
  const request = { ...start, position: { ...position, offset: Math.max(0, position.offset) } };
  for (;;) {
    // A guard in another process takes whole milliseconds only, and what is left has fractions.
    const timeoutMs = Math.ceil(Math.min(tryMs, giveUpAt - monotonicMs()));
    if (timeoutMs <= 0) return undefined;
    // Should the guard not keep the time itself.
    const decision = await withinTime(guard.decide({ ...request, timeoutMs }), timeoutMs);
    if (decision !== undefined) return decision;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(PAUSE_MS, Math.max(0, giveUpAt - monotonicMs())));
    });
  }
}

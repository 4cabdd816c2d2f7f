import { BrokerError, clientClosedError } from './errors.ts';

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;

/** The pause before attempt `attempt` (1 is the first repetition): doubled each time up to a second, ±20 % so that clients spread. */
export function backoffMs(attempt: number): number {
  const planned = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return planned * (0.8 + Math.random() * 0.4);
}

/** Resolves after `ms` or on abort, never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Settles as `work` does, or resolves after `timeoutMs` if that is earlier; `work` goes on then. */
export async function atMost(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const enough = new AbortController();
  try {
    await Promise.race([work, pause(timeoutMs, enough.signal)]);
  } finally {
    enough.abort();
  }
}

/** How long to repeat, and how soon. */
export interface RetryLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The pause before repetition `repetition` (from 1), after `error`. Default: `backoffMs`. */
  readonly pauseMs?: (error: BrokerError, repetition: number) => number;
  /** Aborted when something has become known that makes the next repetition worth trying at once. Asked for at each pause. */
  readonly sooner?: () => AbortSignal;
}

/** Repeats `attempt` after retriable `BrokerError`s until it resolves, until `timeoutMs` have passed (then it rejects with the last error) or until `signal` aborts. */
export async function retrying<T>(attempt: (repetition: number) => Promise<T>, limits: RetryLimits): Promise<T> {
  const deadline = performance.now() + limits.timeoutMs;
  for (let repetition = 0; ; repetition++) {
    if (limits.signal.aborted) throw clientClosedError();
    try {
      return await attempt(repetition);
    } catch (error) {
      if (!(error instanceof BrokerError) || !error.retriable) throw error;
      const wait = limits.pauseMs?.(error, repetition + 1) ?? backoffMs(repetition + 1);
      if (performance.now() + wait > deadline) throw error;
      const { signal, sooner } = limits;
      await pause(wait, sooner === undefined ? signal : AbortSignal.any([signal, sooner()]));
    }
  }
}

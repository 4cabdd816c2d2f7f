import type { FairSlots } from './fair-slots.ts';
import type { Revocation } from './revocation.ts';
import type { Sending } from './sender.ts';

/** How an outbox sends. */
export interface OutboxOptions {
  readonly send: (revocation: Revocation) => Promise<Sending>;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  readonly maxAgeMs: number;
  /** Shared by all outboxes of the service. */
  readonly slots: FairSlots;
  /** Where a revocation goes: targets share the slots. */
  readonly targetOf: (revocation: Revocation) => string;
  readonly metrics: OutboxCounts;
  /** Milliseconds from any origin, never set back: what pauses and ages are measured with. */
  readonly monotonicMs: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** What became of revocations, and what waits. */
export interface OutboxCounts {
  acknowledged: number;
  failed: number;
  /** Given up: too old, or too many wait. */
  givenUp: number;
  /** Of tenants without a webhook. */
  nobody: number;
  pending: number;
  inFlight: number;
}

interface Waiting {
  readonly revocation: Revocation;
  /** Monotonic time. */
  readonly since: number;
  attempts: number;
  /** Monotonic time of the next try; Infinity while one waits for its slot or is under way. */
  dueAt: number;
  isUnderWay: boolean;
  /** A try has failed since the last look: how long to wait from that look on. */
  pauseMs: number | undefined;
}

/**
 * The revocations of one task that wait for their webhook. Sending goes on beside the records; what came of it is entered
 * when the task asks (`settle`), so that only the task touches its store.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #settled = new Set<string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Takes a revocation and sends it as soon as there is a slot. One that waits already under that key is replaced when it has another id. */
  add(key: string, revocation: Revocation): void {
    if (this.#waiting.get(key)?.revocation.id === revocation.id) return;
    this.#forget(key);
    // What was done with under that key is another revocation.
    this.#settled.delete(key);
    const now = this.#options.monotonicMs();
    const waiting = { revocation, since: now, attempts: 0, dueAt: now, isUnderWay: false, pauseMs: undefined };
    this.#waiting.set(key, waiting);
    this.#options.metrics.pending++;
    this.#try(key, waiting);
  }

  /** It is not to be sent any more. */
  remove(key: string): void {
    this.#forget(key);
  }

  /** Gives up the oldest; its key. */
  dropOldest(): string | undefined {
    for (const key of this.#waiting.keys()) {
      this.#forget(key);
      this.#options.metrics.givenUp++;
      return key;
    }
    return undefined;
  }

  /** Begins what is due and tells the keys that are done with since the last call; `wallMs` says which tickets have expired. */
  settle(wallMs: number): readonly string[] {
    const now = this.#options.monotonicMs();
    for (const [key, waiting] of this.#waiting) {
      if (waiting.isUnderWay) continue;
      if (now - waiting.since > this.#options.maxAgeMs || wallMs > waiting.revocation.expiresAt) {
        this.#forget(key);
        this.#options.metrics.givenUp++;
        this.#settled.add(key);
      } else if (waiting.pauseMs !== undefined) {
        waiting.dueAt = now + waiting.pauseMs;
        waiting.pauseMs = undefined;
      } else if (waiting.dueAt <= now) this.#try(key, waiting);
    }
    const done = [...this.#settled];
    this.#settled.clear();
    return done;
  }

  /** Sends nothing more. */
  close(): void {
    for (const key of this.#waiting.keys()) this.#forget(key);
  }

  #try(key: string, waiting: Waiting): void {
    const { slots, targetOf } = this.#options;
    waiting.dueAt = Number.POSITIVE_INFINITY;
    slots.enter(targetOf(waiting.revocation), () =>
      this.#waiting.get(key) === waiting ? this.#send(key, waiting) : undefined,
    );
  }

  async #send(key: string, waiting: Waiting): Promise<void> {
    const { send, metrics } = this.#options;
    metrics.inFlight++;
    waiting.isUnderWay = true;
    const outcome = await send(waiting.revocation);
    waiting.isUnderWay = false;
    metrics.inFlight--;
    metrics[outcome]++;
    if (this.#waiting.get(key) !== waiting) return;
    if (outcome === 'failed') {
      waiting.pauseMs = this.#pauseMs(waiting.attempts++);
    } else {
      this.#forget(key);
      this.#settled.add(key);
    }
  }

  /** Doubles from the first to the longest, with half of it at random, so that those that failed together part. */
  #pauseMs(attempts: number): number {
    const { firstRetryMs, maxRetryMs, random } = this.#options;
    const whole = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(attempts, 30));
    return whole * (0.5 + 0.5 * random());
  }

  #forget(key: string): void {
    if (this.#waiting.delete(key)) this.#options.metrics.pending--;
  }
}

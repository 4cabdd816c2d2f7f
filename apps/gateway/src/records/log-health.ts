/** How `LogHealth` asks. */
export interface LogHealthOptions {
  /** Asks Kafka for something cheap; it may take its time, one question is under way at most. */
  readonly probe: () => Promise<unknown>;
  /** A question without an answer for so long counts as a failure. */
  readonly probeTimeoutMs: number;
  /** Milliseconds from any origin, never set back. */
  readonly monotonicMs: () => number;
}

/** Least time between two questions, and how long an acknowledgement counts as one. */
const PROBE_INTERVAL_MS = 1000;

/**
 * Whether Kafka takes records, for `/health/ready`. Every record's outcome says so; when none did for a second, being
 * asked starts a question to Kafka, whose answer the next `check` sees. Without it a gateway that gets no traffic, because it
 * is not ready, could never become ready again.
 */
export class LogHealth {
  readonly #options: LogHealthOptions;
  #reason: string | undefined;
  #succeededAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(options: LogHealthOptions) {
    this.#options = options;
  }

  /** Kafka acknowledged something. */
  succeeded(): void {
    this.#reason = undefined;
    this.#succeededAt = this.#options.monotonicMs();
  }

  /** Kafka refused a record or did not acknowledge it in time. */
  failed(reason: string): void {
    this.#reason = reason;
    this.#succeededAt = Number.NEGATIVE_INFINITY;
  }

  /** `true`, or why Kafka is believed to take nothing. */
  check(): true | string {
    const now = this.#options.monotonicMs();
    if (now - Math.max(this.#succeededAt, this.#askedAt) >= PROBE_INTERVAL_MS && !this.#isAsking) this.#ask(now);
    return this.#reason ?? true;
  }

  #ask(now: number): void {
    this.#isAsking = true;
    this.#askedAt = now;
    const { probe, probeTimeoutMs } = this.#options;
    const fail = (reason: string): void => {
      // A record that was acknowledged meanwhile knows better.
      if (this.#succeededAt < now) this.failed(reason);
    };
    const timer = setTimeout(() => fail(`Kafka did not answer within ${probeTimeoutMs} ms`), probeTimeoutMs).unref();
    probe()
      .then(
        () => this.succeeded(),
        (error: unknown) => fail(`Kafka does not answer: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        clearTimeout(timer);
        this.#isAsking = false;
      });
  }
}

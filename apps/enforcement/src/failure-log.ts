import type { ServiceLogger } from '@playhead/service-kit';

const TOLD_EVERY_MS = 60_000;

/** Says in the log which tenant's webhook takes nothing, and why: the first that fails, and then one a minute at most. */
export class FailureLog {
  readonly #monotonicMs: () => number;
  #logger: Pick<ServiceLogger, 'warn'> | undefined;
  #failures = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly monotonicMs: () => number }) {
    this.#monotonicMs = options.monotonicMs;
  }

  /** The service has its logger later than its topology. */
  useLogger(logger: Pick<ServiceLogger, 'warn'>): void {
    this.#logger = logger;
  }

  /** A sending for `tenant` failed. */
  failed(tenant: string, why: string): void {
    this.#failures++;
    const now = this.#monotonicMs();
    if (this.#logger === undefined || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#logger.warn(
      { tenant, reason: why, failures: this.#failures },
      'a webhook takes no revocation; it is sent again',
    );
    this.#toldAt = now;
    this.#failures = 0;
  }
}

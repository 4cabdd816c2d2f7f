import { LogThrottle } from '@playhead/service-kit';
import type { ServiceLogger } from '@playhead/service-kit';

/** Says in the log which tenant's webhook takes nothing, and why: the first that fails, and then one a minute at most. */
export class FailureLog {
  readonly #throttle: LogThrottle;
  #logger: Pick<ServiceLogger, 'warn'> | undefined;

  constructor(options: { readonly monotonicMs: () => number }) {
    this.#throttle = new LogThrottle(options);
  }

  /** The service has its logger later than its topology. */
  useLogger(logger: Pick<ServiceLogger, 'warn'>): void {
    this.#logger = logger;
  }

  /** A sending for `tenant` failed. */
  failed(tenant: string, why: string): void {
    if (this.#logger === undefined) return;
    const failures = this.#throttle.happened();
    if (failures === undefined) return;
    this.#logger.warn({ tenant, reason: why, failures }, 'a webhook takes no revocation; it is sent again');
  }
}

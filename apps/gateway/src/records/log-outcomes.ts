import type { ServiceLogger } from '@playhead/service-kit';
import { LogUnavailableError } from './event-log.ts';
import type { LogHealth } from './log-health.ts';

/** Who is told what became of records. */
export interface LogOutcomesOptions {
  /** Told about every outcome. */
  readonly health: Pick<LogHealth, 'succeeded' | 'failed'>;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn'>;
}

/** What becomes of records on their way to Kafka. The logger says once that Kafka takes none, and once that it does again. */
export class LogOutcomes {
  readonly #options: LogOutcomesOptions;
  #taking = true;

  constructor(options: LogOutcomesOptions) {
    this.#options = options;
  }

  /** Kafka did not take records: tells health and logger, and gives the error for who sent them. `consequence`: what becomes of records now. */
  failed(
    message: string,
    { consequence, cause }: { readonly consequence: string; readonly cause: unknown },
  ): LogUnavailableError {
    const error = new LogUnavailableError(message, { cause });
    if (this.#taking) this.#options.logger.warn({ err: error }, `Kafka takes no records; ${consequence}`);
    this.#taking = false;
    this.#options.health.failed(message);
    return error;
  }

  /** Kafka took records: tells health, and the logger when it did not before. */
  succeeded(): void {
    if (!this.#taking) this.#options.logger.info({}, 'Kafka takes records again');
    this.#taking = true;
    this.#options.health.succeeded();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerUnderTest } from './broker-under-test.ts';

/** Between two restarts everybody has time to come back and to be in the middle of something. */
const PAUSE_MS = 2500;

/** Restarts a broker as long as somebody waits for it, and not before everybody does. */
export class Restarts {
  #count = 0;
  #waiting = 0;
  #ended = 0;
  readonly #quiet = Promise.withResolvers<void>();

  /** Takes the step again and again until the broker was restarted so many times meanwhile; then waits until nobody wants another restart. */
  async during(times: number, step: () => Promise<void>): Promise<void> {
    const enough = this.#count + times;
    this.#waiting++;
    try {
      do await step();
      while (this.#count < enough);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#quiet.resolve();
    }
    await this.#quiet.promise;
  }

  /** Restarts until all of these have settled, each of which waits for it at some time or ends. Rejects when a restart fails. */
  async run(broker: BrokerUnderTest, cases: readonly Promise<void>[]): Promise<void> {
    const ended = Promise.all(cases.map((one) => one.then(() => this.#ended++))).then(() => true);
    while (!(await Promise.race([ended, delay(PAUSE_MS, false)]))) {
      const isAwaited = this.#count > 0 || this.#waiting + this.#ended === cases.length;
      if (this.#waiting === 0 || !isAwaited) continue;
      await broker.restart?.();
      this.#count++;
    }
  }
}

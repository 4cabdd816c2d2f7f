import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerUnderTest } from './broker-under-test.ts';

/** Between two restarts everybody has time to come back and to be in the middle of something. */
const PAUSE_MS = 2500;

/** Restarts a broker as long as somebody waits for it. */
export class Restarts {
  #count = 0;
  #waiting = 0;

  /** How often it was restarted. */
  get count(): number {
    return this.#count;
  }

  /** Takes the step again and again until the broker was restarted so many times meanwhile. */
  async during(times: number, step: () => Promise<void>): Promise<void> {
    const enough = this.#count + times;
    this.#waiting++;
    try {
      do await step();
      while (this.#count < enough);
    } finally {
      this.#waiting--;
    }
  }

  /** Restarts until `finished` has settled. Rejects when a restart fails. */
  async run(broker: BrokerUnderTest, finished: Promise<unknown>): Promise<void> {
    const ended = finished.then(() => true);
    while (!(await Promise.race([ended, delay(PAUSE_MS, false)]))) {
      if (this.#waiting === 0) continue;
      await broker.restart?.();
      this.#count++;
    }
  }
}

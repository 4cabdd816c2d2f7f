import { setTimeout as delay } from 'node:timers/promises';
import { apiVersionsApi } from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';

const PAUSE_MS = 2;

interface Waiting {
  readonly round: number;
  resolve(): void;
}

/** Asks the broker again and again over a connection of its own: what was sent elsewhere before several of these were asked and answered had its turn. */
export class Pinger {
  readonly #client: RawClient;
  readonly #running: Promise<void>;
  #waiting: Waiting[] = [];
  #round = 0;
  #stopped = false;

  private constructor(client: RawClient) {
    this.#client = client;
    this.#running = this.#run();
    this.#running.catch(() => undefined);
  }

  static async start(port: number): Promise<Pinger> {
    return new Pinger(await RawClient.connect(port));
  }

  /** Calls back when so many rounds that begin after now are over; answers a function that calls it off. */
  after(rounds: number, callback: () => void): () => void {
    // One may be under way.
    const waiting: Waiting = { round: this.#round + 1 + rounds, resolve: callback };
    this.#waiting.push(waiting);
    return () => (this.#waiting = this.#waiting.filter((one) => one !== waiting));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#client.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#client.send(apiVersionsApi, 0, {});
      this.#round++;
      for (const { round, resolve } of this.#waiting) if (round === this.#round) resolve();
      await delay(PAUSE_MS);
    }
  }
}

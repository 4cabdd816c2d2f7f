import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEvidence } from './log-evidence.ts';

/** Most items of one request. */
const MAX_ITEMS = 100;
/** What waits for a gateway that does not answer; beyond it the oldest goes: it says the least about now. */
const MAX_WAITING = 10_000;
const BATCH_MS = 200;
const RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** Posts evidence to a gateway, in batches, again until it was taken or has grown old. */
export class EvidenceSender {
  readonly #url: string;
  readonly #token: () => string;
  readonly #signal: AbortSignal;
  #waiting: LogEvidence[] = [];
  #isRunning = false;
  /** Pieces that the gateway took. */
  sent = 0;
  /** Pieces that it refused, or that were too many. */
  dropped = 0;

  constructor(options: { readonly gatewayUrl: string; readonly token: () => string; readonly signal: AbortSignal }) {
    this.#url = `${options.gatewayUrl}/v1/evidence`;
    this.#token = options.token;
    this.#signal = options.signal;
  }

  add(evidence: LogEvidence): void {
    this.#waiting.push(evidence);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.dropped++;
    }
    if (!this.#isRunning) void this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#pause(BATCH_MS);
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      const batch = this.#waiting.splice(0, MAX_ITEMS);
      const status = await this.#post(batch);
      if (status >= 200 && status < 300) this.sent += batch.length;
      else if (status === 0 || status === 429 || status >= 500) {
        this.#waiting = [...batch, ...this.#waiting].slice(-MAX_WAITING);
        await this.#pause(RETRY_MS);
      } else this.dropped += batch.length;
    }
    this.#isRunning = false;
  }

  async #post(batch: readonly LogEvidence[]): Promise<number> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token()}` },
        body: JSON.stringify(batch),
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}

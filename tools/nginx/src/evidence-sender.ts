import { setTimeout as sleep } from 'node:timers/promises';
import { LogThrottle } from '@playhead/service-kit';
import { MAX_LINE_AGE_MS } from './log-evidence.ts';
import type { LogEvidence } from './log-evidence.ts';

/** How evidence is sent. */
export interface EvidenceSenderOptions {
  readonly gatewayUrl: string;
  readonly token: () => string;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told in words of what was not sent, at most once a minute. */
  readonly warn: (text: string) => void;
}

/** Most items of one request. */
const MAX_ITEMS = 100;
/** What waits for a gateway that does not answer; beyond it the oldest goes: it says the least about now. */
const MAX_WAITING = 10_000;
const BATCH_MS = 200;
const RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** Posts evidence to a gateway, in batches, again until it was taken or has grown old. */
export class EvidenceSender {
  readonly #options: EvidenceSenderOptions;
  #waiting: LogEvidence[] = [];
  #isRunning = false;
  readonly #throttle = new LogThrottle({ monotonicMs: () => performance.now() });
  /** Why the gateway last took less than a whole post. */
  #lastFailure = 'none';
  /** Pieces that the gateway took. */
  sent = 0;
  /** Pieces that it refused, that were too many or that had grown old. */
  dropped = 0;

  constructor(options: EvidenceSenderOptions) {
    this.#options = options;
  }

  add(evidence: LogEvidence): void {
    this.#waiting.push(evidence);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#drop(1);
    }
    if (!this.#isRunning) void this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#pause(BATCH_MS);
    while (this.#waiting.length > 0 && !this.#options.signal.aborted) {
      const batch = this.#nextBatch();
      if (batch.length > 0) await this.#send(batch);
    }
    this.#isRunning = false;
  }

  async #send(batch: readonly LogEvidence[]): Promise<void> {
    const { status, refused } = await this.#post(batch);
    if (status < 200 || status >= 300) this.#lastFailure = status === 0 ? 'no answer' : `answered ${status}`;
    if ((status >= 200 && status < 300) || status === 429) {
      this.sent += batch.length - refused.length;
      // Behind what waits: the evidence of one account beyond its rate must not hold up that of the others.
      this.#keep([...this.#waiting, ...refused]);
      if (2 * refused.length > batch.length) await this.#pause(RETRY_MS);
    } else if (status === 0 || status >= 500) {
      this.#keep([...batch, ...this.#waiting]);
      await this.#pause(RETRY_MS);
    } else if (status === 400 && batch.length > 1) {
      // One bad piece refuses them all, such as one of a ticket of somebody's own making.
      const half = batch.length >> 1;
      await this.#send(batch.slice(0, half));
      await this.#send(batch.slice(half));
    } else this.#drop(batch.length);
  }

  /** What comes next, without what has grown old: it says nothing about now. */
  #nextBatch(): readonly LogEvidence[] {
    const next = this.#waiting.splice(0, MAX_ITEMS);
    const now = this.#options.now();
    const batch = next.filter(({ observedAt }) => now - observedAt <= MAX_LINE_AGE_MS);
    this.#drop(next.length - batch.length);
    return batch;
  }

  #keep(waiting: LogEvidence[]): void {
    this.#waiting = waiting.slice(-MAX_WAITING);
    this.#drop(waiting.length - this.#waiting.length);
  }

  #drop(count: number): void {
    this.dropped += count;
    if (count === 0 || this.#throttle.happened() === undefined) return;
    this.#options.warn(
      `evidence that the gateway never took, refused, too many or too old: ${this.dropped} pieces so far; ` +
        `its last failure: ${this.#lastFailure}`,
    );
  }

  /** The answer's status, 0 for none, and what of the batch was beyond the rate of its account: with 429 all of it. */
  async #post(
    batch: readonly LogEvidence[],
  ): Promise<{ readonly status: number; readonly refused: readonly LogEvidence[] }> {
    const { gatewayUrl, token, signal } = this.#options;
    try {
      const response = await fetch(`${gatewayUrl}/v1/evidence`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
        body: JSON.stringify(batch),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const { status, ok } = response;
      // Of a 200 that nobody can read, such as a proxy's page, all counts as taken: it would be sent for ever.
      const answers: unknown = ok ? await response.json().catch(() => []) : await response.body?.cancel();
      const isRefused = (at: number): boolean =>
        status === 429 || (Array.isArray(answers) && answers[at]?.refused !== undefined);
      return { status, refused: batch.filter((_evidence, at) => isRefused(at)) };
    } catch {
      return { status: 0, refused: [] };
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#options.signal }).catch(() => undefined);
  }
}

import type { ServiceLogger } from '@playhead/service-kit';
import type { DiskQueue } from './disk-queue.ts';
import type { QueuedRecord } from './queue-entry.ts';

/*
 *            a record that Kafka did not take, and all that follow
 *  DIRECT ────────────────────────────────────────────────────────▶ ENGAGED: put ─▶ disk queue ─▶ deliver, in order
 *         ◀────────────────────────────────────────────────────────
 *            the last record of the queue is in Kafka
 */

/** Bytes of the queue that are delivered at a time. */
const READ_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

/** What came of a delivery: in Kafka, not taken at present, or never to be taken. */
export type Delivery = 'delivered' | 'again' | 'undeliverable';

/** How a backlog is emptied. */
export interface BacklogOptions {
  readonly queue: DiskQueue;
  /** Gives records to Kafka in their order; the outcome of each. Never rejects. */
  readonly deliver: (record: QueuedRecord) => Promise<Delivery>;
  /** Told how many records left the queue for Kafka, or are lost because Kafka will never take them. */
  readonly onReleased: (outcome: 'drained' | 'lost', records: number) => void;
  /** The disk gives something else than was written. The backlog has stopped; opening the queue anew cuts the damage off. */
  readonly onError: (error: Error) => void;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn' | 'error'>;
}

/**
 * What waits for Kafka on the disk. While it is engaged, everything goes through it, so that records of one key keep
 * their order. It drains by itself, oldest first, from the start on.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  #draining: Promise<void> | undefined;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
    const { records, cutBytes } = options.queue.found;
    if (cutBytes > 0)
      options.logger.warn({ cutBytes }, 'the disk queue ended in the middle of a write, which is cut off');
    if (records > 0) {
      options.logger.info({ records }, 'the disk queue has records of before');
      this.#drain();
    }
  }

  /** Whether records have to go through the queue. */
  get isEngaged(): boolean {
    return this.#options.queue.records > 0;
  }

  /** Resolves when the disk has the record. Rejects with `QueueFullError`, or with the error of the disk. */
  put(record: QueuedRecord): Promise<void> {
    const stored = this.#options.queue.put(record);
    this.#drain();
    return stored;
  }

  /** Stops draining; what is left is delivered after the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#draining;
    await this.#options.queue.close();
  }

  #drain(): void {
    this.#draining ??= this.#run()
      .catch((error: unknown) => this.#options.onError(error as Error))
      .finally(() => {
        this.#draining = undefined;
        // Something was put between the last look and now.
        if (this.isEngaged && !this.#closing) this.#drain();
      });
  }

  async #run(): Promise<void> {
    const { queue } = this.#options;
    while (queue.records > 0 && !this.#closing) {
      await queue.settled();
      const records = await queue.read(READ_BYTES);
      if (records.length > 0 && (await this.#deliverAll(records))) await queue.release(records.length);
    }
  }

  /** Tries until Kafka has every one of them; false when the gateway closes before. */
  async #deliverAll(records: readonly QueuedRecord[]): Promise<boolean> {
    const { deliver, onReleased, logger } = this.#options;
    let waiting = records;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#closing; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      const outcomes = await Promise.all(waiting.map((record) => deliver(record)));
      const lost = outcomes.filter((outcome) => outcome === 'undeliverable').length;
      if (lost > 0) {
        onReleased('lost', lost);
        logger.error({ records: lost }, 'records of the disk queue cannot be delivered and are dropped');
      }
      // From the first one on that was not taken: what lies behind it would otherwise come before it.
      const first = outcomes.indexOf('again');
      const done = first === -1 ? waiting.length : first;
      onReleased('drained', outcomes.slice(0, done).filter((outcome) => outcome === 'delivered').length);
      waiting = waiting.slice(done).filter((_, at) => outcomes[done + at] !== 'undeliverable');
      if (waiting.length === 0) return true;
      await this.#pause(pauseMs);
    }
    return false;
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#closing) this.#wake();
    });
  }
}

import type { ServiceLogger } from '@playhead/service-kit';
import type { DiskQueue } from './disk-queue.ts';
import type { QueuedRecord } from './queue-entry.ts';

/*
 *            a record that Kafka did not take, and all that follow
 *  DIRECT ────────────────────────────────────────────────────────▶ ENGAGED: put ─▶ disk queue ─▶ deliver, in order
 *     ▲                                                              │  ▲
 *     │ the last record of the queue                 what is left is │  │ Kafka does not take it, or
 *     │ is in Kafka: what was held follows           one round's     ▼  │ too many wait: to the disk
 *     └──────────────────────────────────────────────────────────── HOLDING: put ─▶ memory
 */

/** Bytes of the queue that are delivered at a time: at least, and at most. */
const READ_BYTES = 256 * 1024;
const MAX_READ_BYTES = 2 * 1024 * 1024;
/** What is delivered is so many times what came meanwhile: a queue that empties no faster than it fills keeps everything late for good. */
const CATCH_UP = 2;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

/** Records that wait for the last of the queue at most. */
const MAX_HELD = 10_000;

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

/** A record that came while the last of the queue were delivered, and the two ways it can go. */
interface Held {
  readonly follow: () => void;
  readonly store: () => void;
}

/**
 * What waits for Kafka on the disk. While it is engaged, everything goes through it, so that records of one key keep
 * their order. It drains by itself, oldest first, from the start on.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  #draining: Promise<void> | undefined;
  /** Undefined: records are not held, they go to the disk. */
  #held: Held[] | undefined;
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

  /**
   * Resolves with undefined when the disk has the record; rejects with `QueueFullError`, or with the error of the disk.
   * When the queue becomes empty before, `direct` is called, and its outcome is the record's.
   */
  put<T>(record: QueuedRecord, direct: () => Promise<T>): Promise<T | undefined> {
    if (this.#held?.length === MAX_HELD) this.#letGo('store');
    const held = this.#held;
    if (held === undefined) return this.#store(record);
    return new Promise((resolve, reject) => {
      held.push({
        follow: () => void direct().then(resolve, reject),
        store: () => void this.#store(record).then(resolve, reject),
      });
    });
  }

  /** Stops draining; what is left is delivered after the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#letGo('store');
    this.#wake?.();
    await this.#draining;
    await this.#options.queue.close();
  }

  async #store(record: QueuedRecord): Promise<undefined> {
    const stored = this.#options.queue.put(record);
    this.#drain();
    await stored;
  }

  /** Ends the holding: all that is held follows the queue's last record, or goes to the disk, in the order in which it came. */
  #letGo(how: keyof Held): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const one of held) one[how]();
  }

  #drain(): void {
    this.#draining ??= this.#run()
      .catch((error: unknown) => this.#options.onError(error as Error))
      .finally(() => {
        this.#draining = undefined;
        this.#letGo('store');
        // Something was put between the last look and now.
        if (this.isEngaged && !this.#closing) this.#drain();
      });
  }

  async #run(): Promise<void> {
    const { queue } = this.#options;
    let before = queue.putBytes;
    let isTaken = false;
    while (queue.records > 0 && !this.#closing) {
      const cameMeanwhile = queue.putBytes - before;
      before = queue.putBytes;
      const bytes = Math.min(MAX_READ_BYTES, Math.max(READ_BYTES, CATCH_UP * cameMeanwhile));
      // As long as records go on coming to it the queue is hardly ever empty.
      if (isTaken && queue.unreadBytes <= bytes) this.#held ??= [];
      await queue.readable();
      const records = await queue.read(bytes);
      if (records.length === 0) continue;
      isTaken = await this.#deliverAll(records);
      if (!isTaken) return;
      const released = queue.release(records.length);
      if (queue.records === 0) this.#letGo('follow');
      await released;
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
      this.#letGo('store');
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

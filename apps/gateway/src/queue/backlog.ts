import type { ServiceLogger } from '@playhead/service-kit';
import type { DiskQueue } from './disk-queue.ts';
import { HeldRecords } from './held-records.ts';
import type { QueuedRecord } from './queue-entry.ts';

/*
 *            a record that Kafka did not take, and all that follow
 *  DIRECT ────────────────────────────────────────────────────────▶ ENGAGED: put ─▶ disk queue ─▶ deliver, in order
 *     ▲                                                              │  ▲
 *     │ the last record of the queue             Kafka took a round, │  │ Kafka does not take the next one,
 *     │ is in Kafka: what is held follows        one more is enough  ▼  │ or not soon; or too many are held
 *     └──────────────────────────────────────────────────────────── HOLDING: put ─▶ memory
 */

/** Bytes of the queue that a round delivers at least. */
const MIN_READ_BYTES = 256 * 1024;
/** And at most: they are read and encoded in one turn of the event loop. */
const MAX_READ_BYTES = 2 * 1024 * 1024;
/** A round delivers so many times what came during the round before: a queue that empties no faster than it fills keeps everything late for good. */
const CATCH_UP_FACTOR = 2;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** Many times what a round takes, and well below the time that a request waits for Kafka. */
const MAX_HOLD_MS = 250;

/** What came of a delivery: in Kafka, not taken at present, or never to be taken. */
export type Delivery = 'delivered' | 'again' | 'undeliverable';

/** How a backlog is emptied. */
export interface BacklogOptions {
  readonly queue: DiskQueue;
  /** Records that are held in memory at most while the last of the queue are delivered. */
  readonly maxHeld: number;
  /** For how long; default 250. */
  readonly maxHoldMs?: number;
  /** Gives records to Kafka in their order; the outcome of each. Never rejects. */
  readonly deliver: (record: QueuedRecord) => Promise<Delivery>;
  /** Told how many records left the queue for Kafka, or are lost because Kafka will never take them. */
  readonly onReleased: (outcome: 'drained' | 'lost', records: number) => void;
  /** The disk gives something else than was written. The backlog has stopped; opening the queue anew leaves the damage out. */
  readonly onError: (error: Error) => void;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn' | 'error'>;
}

/**
 * What waits for Kafka on the disk. While it is engaged, everything goes through it, so that records of one key keep
 * their order; what comes while the last of it are delivered follows them directly. It drains by itself, oldest first,
 * from the start on.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #held: HeldRecords;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
    this.#held = new HeldRecords({ maxRecords: options.maxHeld, maxMs: options.maxHoldMs ?? MAX_HOLD_MS });
    const { records, cutBytes, damagedBytes } = options.queue.found;
    if (cutBytes > 0)
      options.logger.warn({ cutBytes }, 'the disk queue ended in the middle of a write, which is cut off');
    if (damagedBytes > 0)
      options.logger.error(
        { damagedBytes },
        'the disk queue is damaged among its records; what stood there is left out, and may have been acknowledged',
      );
    if (records > 0) {
      options.logger.info({ records }, 'the disk queue has records of before');
      this.#drain();
    }
  }

  /** Whether records have to go through the queue. */
  get isEngaged(): boolean {
    return this.#options.queue.records > 0 || this.#held.count > 0;
  }

  /** Records that wait in memory for the last of the queue. */
  get held(): number {
    return this.#held.count;
  }

  /**
   * Resolves with undefined when the disk has the record; rejects with `QueueFullError`, or with the error of the disk.
   * When the queue becomes empty before, `direct` is called, and its outcome is the record's.
   */
  put<T>(record: QueuedRecord, direct: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const store = (): void => void this.#store(record).then(resolve, reject);
      const follow = (): void => void direct().then(resolve, reject);
      if (!this.#held.add({ follow, store })) store();
    });
  }

  /** Stops draining; what is left is delivered after the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#held.letGo('store');
    this.#wake?.();
    await this.#draining;
    await this.#options.queue.close();
  }

  async #store(record: QueuedRecord): Promise<undefined> {
    // The gateway ends, and nobody reads before the next one.
    if (this.#failure !== undefined) throw this.#failure;
    const stored = this.#options.queue.put(record);
    this.#drain();
    await stored;
  }

  #drain(): void {
    this.#draining ??= this.#run()
      .catch((error: unknown) => {
        this.#failure = error as Error;
        this.#options.onError(this.#failure);
      })
      .finally(() => {
        this.#draining = undefined;
        this.#held.letGo('store');
        // Something was put between the last look and now.
        if (this.isEngaged && !this.#closing && this.#failure === undefined) this.#drain();
      });
  }

  async #run(): Promise<void> {
    const { queue } = this.#options;
    let bytes = MIN_READ_BYTES;
    let before = queue.putBytes;
    let isTaken = false;
    while (queue.records > 0 && !this.#closing) {
      const cameMeanwhile = queue.putBytes - before;
      before = queue.putBytes;
      if (!this.#held.isHolding) bytes = clamp(CATCH_UP_FACTOR * cameMeanwhile, MIN_READ_BYTES, MAX_READ_BYTES);
      // A Kafka that has just taken a round takes the last one soon.
      if (isTaken && queue.unreadBytes <= bytes) this.#held.begin();
      await queue.readable();
      const records = await queue.read(bytes);
      if (records.length === 0) continue;
      isTaken = await this.#deliverAll(records);
      if (!isTaken) return;
      const released = queue.release(records.length);
      if (queue.records === 0) {
        this.#held.letGo('follow');
        isTaken = false;
      }
      await released;
    }
  }

  /** Tries until Kafka has every one of them; false when the gateway closes before. */
  async #deliverAll(records: readonly QueuedRecord[]): Promise<boolean> {
    const { onReleased, logger } = this.#options;
    let waiting = records;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#closing; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      const outcomes = await this.#deliverTogether(waiting);
      const lost = outcomes.filter((outcome) => outcome === 'undeliverable').length;
      if (lost > 0) {
        onReleased('lost', lost);
        logger.error({ records: lost }, 'records of the disk queue cannot be delivered and are dropped');
      }
      onReleased('drained', outcomes.length - lost);
      waiting = waiting.slice(outcomes.length);
      if (waiting.length === 0) return true;
      this.#held.letGo('store');
      await this.#pause(pauseMs);
    }
    return false;
  }

  /**
   * What came of them, up to the first that was not taken: what lies behind it would otherwise come before it. Behind a batch
   * that Kafka refuses it may do so. When the gateway closes, up to the first that would be tried by itself.
   */
  async #deliverTogether(records: readonly QueuedRecord[]): Promise<readonly Delivery[]> {
    const { deliver } = this.#options;
    const outcomes = await Promise.all(records.map((record) => deliver(record)));
    for (const [at, record] of records.entries()) {
      if (outcomes[at] === 'undeliverable' && records.length > 1) {
        if (this.#closing) return outcomes.slice(0, at);
        // Kafka refuses a batch for one record, or for its size: each by itself may be taken.
        outcomes[at] = await deliver(record);
      }
      if (outcomes[at] === 'again') return outcomes.slice(0, at);
    }
    return outcomes;
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

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

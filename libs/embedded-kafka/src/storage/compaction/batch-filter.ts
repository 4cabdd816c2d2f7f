import type { RecordBatchHeader } from '@playhead/kafka-protocol';
import { deleteHorizonOf, emptied, rewritten } from './batch-rewriter.ts';
import type { KeyOffsets } from './key-offsets.ts';
import { isWalkable, openRecords, type OpenedRecords } from './open-records.ts';
import { RecordWalk } from './record-walk.ts';
import type { TimeSlice } from './time-slice.ts';
import type { TransactionFilter } from './transaction-filter.ts';

/** What decides about the records of one pass. */
export interface FilterOptions {
  /** The latest offsets of the keys. */
  readonly latest: KeyOffsets;
  /** The offset up to which `latest` knows all keys. A tombstone beyond it may not go: the values before it have not. */
  readonly upTo: number;
  readonly transactions: TransactionFilter;
  readonly slice: TimeSlice;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** Whether a batch has to leave its header behind even when all its records go. */
  keepsPlace(header: RecordBatchHeader): boolean;
}

/**
 * What compaction leaves of each batch of a log, in the log's order. Per key the record with the greatest offset stays; a tombstone stays until its batch's
 * delete horizon, which the first pass sets to `delete.retention.ms` from then on, and so does the marker of a transaction that has no batch left.
 * Records without a key and those of aborted transactions go.
 */
export class BatchFilter {
  readonly #options: FilterOptions;
  #latestHorizonMs = -1;
  #hasUnreadable = false;
  readonly #droppedMarkers: number[] = [];

  constructor(options: FilterOptions) {
    this.#options = options;
  }

  /** The latest delete horizon among the batches that stay, −1 when there is none. */
  get latestHorizonMs(): number {
    return this.#latestHorizonMs;
  }

  /** Takes the offsets of the markers that have gone since the last call. */
  takeDroppedMarkers(): number[] {
    return this.#droppedMarkers.splice(0);
  }

  /** The batch itself, or what takes its place, or null when nothing does. */
  async filter(batch: Buffer, header: RecordBatchHeader): Promise<Buffer | null> {
    if (header.baseOffset >= this.#options.upTo) return batch;
    if (header.isControl) return this.#marker(batch, header);
    if (this.#options.transactions.isTakenBack(header)) return this.#withoutRecords(batch, header);
    if (header.recordCount === 0) return this.#withoutRecords(batch, header);
    const opened = await openRecords(batch, header);
    const choice = opened === null ? null : await this.#choose(opened, header);
    if (opened === null || choice === null) return this.#unreadable(batch);
    if (choice.count === 0) return this.#withoutRecords(batch, header);
    const horizonMs = choice.hasTombstone && this.#isKnown(header) ? this.#setHorizon(header) : null;
    if (choice.count === header.recordCount && horizonMs === null) return batch;
    return rewritten(batch, header, opened, (index) => choice.keeps[index] === 1, horizonMs);
  }

  async #choose(opened: OpenedRecords, header: RecordBatchHeader): Promise<Choice | null> {
    const { latest, nowMs, slice } = this.#options;
    const horizonMs = deleteHorizonOf(header);
    // What is in a batch that cannot be opened might come back if the tombstone behind it went.
    const tombstonesGo = horizonMs !== null && nowMs >= horizonMs && !this.#hasUnreadable && this.#isKnown(header);
    const walk = new RecordWalk(opened.bytes, opened.start, header.recordCount, header.baseOffset);
    const keeps = new Uint8Array(header.recordCount);
    let count = 0;
    let hasTombstone = false;
    const isSound = await isWalkable(async () => {
      for (let index = 0; walk.next(); index++) {
        if (slice.isOverAt(index)) await slice.rest();
        if (walk.keyStart < 0 || (tombstonesGo && !walk.hasValue)) continue;
        if (latest.get(opened.bytes, walk.keyStart, walk.keyEnd) > header.baseOffset + walk.offsetDelta) continue;
        keeps[index] = 1;
        count++;
        if (!walk.hasValue) hasTombstone = true;
      }
    });
    return isSound ? { keeps, count, hasTombstone } : null;
  }

  async #marker(batch: Buffer, header: RecordBatchHeader): Promise<Buffer | null> {
    if (!this.#options.transactions.end(header)) return batch;
    const horizonMs = deleteHorizonOf(header);
    if (horizonMs !== null && this.#options.nowMs >= horizonMs && !this.#options.keepsPlace(header)) {
      this.#droppedMarkers.push(header.lastOffset);
      return null;
    }
    const newHorizonMs = this.#setHorizon(header);
    const opened = newHorizonMs === null ? null : await openRecords(batch, header);
    return opened === null ? batch : rewritten(batch, header, opened, () => true, newHorizonMs);
  }

  #withoutRecords(batch: Buffer, header: RecordBatchHeader): Buffer | null {
    if (!this.#options.keepsPlace(header)) return null;
    return header.recordCount === 0 ? batch : emptied(batch, header);
  }

  #unreadable(batch: Buffer): Buffer {
    this.#hasUnreadable = true;
    return batch;
  }

  #isKnown({ lastOffset }: RecordBatchHeader): boolean {
    return lastOffset < this.#options.upTo;
  }

  /** The horizon that a batch gets now, or null when it has one. */
  #setHorizon(header: RecordBatchHeader): number | null {
    const known = deleteHorizonOf(header);
    const horizonMs = known ?? this.#options.nowMs + this.#options.deleteRetentionMs;
    // One that has passed and still stays waits for something else than time.
    if (known === null || known > this.#options.nowMs)
      this.#latestHorizonMs = Math.max(this.#latestHorizonMs, horizonMs);
    return known === null ? horizonMs : null;
  }
}

/** Which records of a batch stay, 1 by index. */
interface Choice {
  readonly keeps: Uint8Array;
  readonly count: number;
  readonly hasTombstone: boolean;
}

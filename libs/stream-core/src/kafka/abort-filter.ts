import { ControlType } from '@playhead/kafka-protocol';
import type { RecordCursor } from '@playhead/kafka-protocol';
import type { FetchedRecords } from './types.ts';

type AbortedTransaction = FetchedRecords['abortedTransactions'][number];

/**
 * Says which batches of a fetch hold nothing for a reader: control batches always, and batches of aborted transactions
 * where the fetch was made with read_committed. A transaction counts as open from its first offset to its own abort
 * marker, so that overlapping and successive aborts of a producer are told apart, and no record's key is looked at.
 */
export class AbortFilter {
  #aborted: readonly AbortedTransaction[] = [];
  #next = 0;
  /** Bounded by the producers that have an aborted transaction in one answer. */
  readonly #open = new Set<number>();

  /** Starts with a new answer. Call it before the cursor's first `nextBatch`. */
  reset({ abortedTransactions }: Pick<FetchedRecords, 'abortedTransactions'>): this {
    this.#aborted =
      abortedTransactions.length < 2
        ? abortedTransactions
        : abortedTransactions.toSorted((a, b) => a.firstOffset - b.firstOffset);
    this.#next = 0;
    // Clearing an empty set makes a new table all the same.
    if (this.#open.size > 0) this.#open.clear();
    return this;
  }

  /** Ask once per batch, after `nextBatch` and before `next`. True: go to the next batch. */
  skips(cursor: RecordCursor): boolean {
    for (
      let next = this.#aborted[this.#next];
      next !== undefined && next.firstOffset <= cursor.lastOffset;
      next = this.#aborted[this.#next]
    ) {
      this.#open.add(next.producerId);
      this.#next++;
    }
    if (cursor.isControl) {
      if (this.#open.size > 0 && cursor.next() && cursor.controlType() === ControlType.ABORT)
        this.#open.delete(cursor.producerId);
      return true;
    }
    return cursor.isTransactional && this.#open.has(cursor.producerId);
  }
}

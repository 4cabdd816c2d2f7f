import type { RecordCursor } from '@playhead/kafka-protocol';
import { ControlType } from '@playhead/kafka-protocol';
import type { FetchedRecords } from '../../kafka/types.ts';

/**
 * Tells which batches of a fetch were aborted, from the list the broker sends along: a producer's batches are, from the first offset given
 * until its abort marker. (kafkajs ignores the list and delivers them.)
 */
export class AbortedTransactions {
  readonly #producers = new Set<number>();
  #listed: FetchedRecords['abortedTransactions'] = [];
  #next = 0;

  /** Starts a fetch; the list is by first offset. */
  reset(listed: FetchedRecords['abortedTransactions']): void {
    this.#listed = listed;
    this.#next = 0;
    this.#producers.clear();
  }

  /** Whether the cursor's present batch is to be skipped: a control batch, or data that was aborted. */
  skips(cursor: RecordCursor): boolean {
    for (
      let first = this.#listed[this.#next];
      first !== undefined && first.firstOffset <= cursor.lastOffset;
      first = this.#listed[this.#next]
    ) {
      this.#producers.add(first.producerId);
      this.#next++;
    }
    if (!cursor.isControl) return cursor.isTransactional && this.#producers.has(cursor.producerId);
    if (this.#producers.size > 0 && cursor.next() && cursor.controlType() === ControlType.ABORT) {
      this.#producers.delete(cursor.producerId);
    }
    return true;
  }
}

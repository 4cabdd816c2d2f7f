import type { RecordBatchHeader } from '@playhead/kafka-protocol';
import type { AbortedTransaction } from '../aborted-transactions.ts';

/**
 * Tells, batch by batch in the order of the log, what transactions leave behind: a batch that was taken back can go at once, a marker only when no batch
 * of its transaction is left before it. The marker of an aborted transaction is what ends a reader's skipping, so it stays in the pass that removes its batches.
 */
export class TransactionFilter {
  /** By first offset. */
  readonly #aborted: readonly AbortedTransaction[];
  #next = 0;
  /** Aborted transactions that are under way here, by producer. */
  readonly #open = new Map<number, { readonly markerOffset: number; hasBatches: boolean }>();
  /** Producers that have a batch of a committed transaction since their last marker. */
  readonly #committed = new Set<number>();

  /** `aborted`: all that have an offset in what is walked, by first offset. */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = aborted;
  }

  /** Whether a batch of records was taken back by its producer. */
  isTakenBack(header: RecordBatchHeader): boolean {
    if (!header.isTransactional) return false;
    this.#advance(header.lastOffset);
    const aborted = this.#open.get(header.producerId);
    if (aborted === undefined) this.#committed.add(header.producerId);
    else aborted.hasBatches = true;
    return aborted !== undefined;
  }

  /** Notes the marker that ends a producer's transaction; answers whether no batch of it was seen. */
  end(marker: RecordBatchHeader): boolean {
    this.#advance(marker.lastOffset);
    const { producerId, lastOffset } = marker;
    const aborted = this.#open.get(producerId);
    if (aborted?.markerOffset !== lastOffset) return !this.#committed.delete(producerId);
    this.#open.delete(producerId);
    return !aborted.hasBatches;
  }

  #advance(upTo: number): void {
    for (; ; this.#next++) {
      const next = this.#aborted[this.#next];
      if (next === undefined || next.firstOffset > upTo) return;
      this.#open.set(next.producerId, { markerOffset: next.lastOffset, hasBatches: false });
    }
  }
}

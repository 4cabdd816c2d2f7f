import { boundOf } from '../../../state/store-keys.ts';
import type { OrderedEntry, OverlayEntry } from './overlay-entry.ts';

/** Committed entries are cut out once there are this many of them and they are the greater part. */
const MIN_CUT = 64;

/** Goes through entries in their order. */
export interface DirtyCursor<K, V> {
  readonly next: OrderedEntry<K, V> | undefined;
  /** Takes the next one, which is there. */
  take(): OverlayEntry<K, V>;
}

/** Goes through what is in order already. */
export class ListCursor<K, V> implements DirtyCursor<K, V> {
  readonly #entries: readonly OrderedEntry<K, V>[];
  #at = 0;

  constructor(entries: readonly OrderedEntry<K, V>[]) {
    this.#entries = entries;
  }

  get next(): OrderedEntry<K, V> | undefined {
    return this.#entries[this.#at];
  }

  take(): OverlayEntry<K, V> {
    return (this.#entries[this.#at++] as OrderedEntry<K, V>).entry;
  }
}

/**
 * The entries with a change that is not committed, in the byte order of their keys: for an overlay that is ranged over as often as it is written. New ones belong near the end where keys begin with a
 * time, so an insertion moves little.
 */
export class DirtyOrder<K, V> {
  #sorted: OrderedEntry<K, V>[] = [];
  #committed = 0;

  add(order: string, entry: OverlayEntry<K, V>): void {
    const at = boundOf(this.#sorted, order, false);
    const present = this.#sorted[at];
    if (present?.order !== order) this.#sorted.splice(at, 0, { order, entry });
    else {
      this.#committed--;
      this.#sorted[at] = { order, entry };
    }
  }

  /** One of them has no change any more. */
  committed(): void {
    this.#committed++;
    if (this.#committed < MIN_CUT || this.#committed * 2 < this.#sorted.length) return;
    this.#sorted = this.#sorted.filter(({ entry }) => entry.change !== undefined);
    this.#committed = 0;
  }

  clear(): void {
    this.#sorted = [];
    this.#committed = 0;
  }

  /** Within bounds (inclusive). Sees what is added meanwhile. */
  within(low: string, high: string | undefined, reverse: boolean): DirtyCursor<K, V> {
    const find = (from: string | undefined, isTaken: boolean): OrderedEntry<K, V> | undefined => {
      const sorted = this.#sorted;
      const step = reverse ? -1 : 1;
      let at = sorted.length - 1;
      if (!reverse) at = boundOf(sorted, from as string, isTaken);
      else if (from !== undefined) at = boundOf(sorted, from, !isTaken) - 1;
      while (sorted[at] !== undefined && sorted[at]?.entry.change === undefined) at += step;
      const found = sorted[at];
      if (found === undefined) return undefined;
      const isWithin = reverse ? found.order >= low : high === undefined || found.order <= high;
      return isWithin ? found : undefined;
    };
    let taken: string | undefined;
    return {
      get next() {
        return taken === undefined ? find(reverse ? high : low, false) : find(taken, true);
      },
      take() {
        const { order, entry } = this.next as OrderedEntry<K, V>;
        taken = order;
        return entry;
      },
    };
  }
}

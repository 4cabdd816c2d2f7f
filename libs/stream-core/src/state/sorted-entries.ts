import type { StoreKeys } from './store-keys.ts';
import { boundOf, compareOrder } from './store-keys.ts';
import type { KeyRange } from './key-value-store.ts';

/** An entry of a store in memory. `value` becomes null when it is deleted, so that iterators in flight can tell. */
export class StoreEntry<K, V> {
  readonly key: K;
  value: V | null;
  timestamp: number;

  constructor(key: K, value: V | null, timestamp: number) {
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
  }
}

interface OrderedEntry<K, V> {
  readonly order: string;
  readonly entry: StoreEntry<K, V>;
}

/** Below this many changes since the last range the order is kept whatever its size. */
const MIN_REMEMBERED_CHANGES = 1024;

/**
 * The entries of a key-value store in the byte order of their keys, made when a range is first asked for and then kept by merging: an insertion costs one push, a
 * range after n insertions into m entries O(m + n log n), and point reads and writes nothing. After more changes than
 * entries the order is forgotten rather than kept: a store that is ranged over once and then only written would hold every entry it ever had.
 */
export class SortedEntries<K, V> {
  readonly #keys: StoreKeys<K>;
  #sorted: OrderedEntry<K, V>[] | undefined;
  #added: StoreEntry<K, V>[] = [];
  #deleted = 0;

  constructor(keys: StoreKeys<K>) {
    this.#keys = keys;
  }

  added(entry: StoreEntry<K, V>): void {
    if (this.#sorted === undefined) return;
    this.#added.push(entry);
    this.#forgetWhenStale(this.#sorted.length);
  }

  deleted(): void {
    if (this.#sorted === undefined) return;
    this.#deleted++;
    this.#forgetWhenStale(this.#sorted.length);
  }

  /** Changes since the last range: what the next one has to merge. */
  get rememberedChanges(): number {
    return this.#added.length + this.#deleted;
  }

  #forgetWhenStale(entries: number): void {
    if (this.rememberedChanges > Math.max(MIN_REMEMBERED_CHANGES, entries)) this.clear();
  }

  clear(): void {
    this.#sorted = undefined;
    this.#added = [];
    this.#deleted = 0;
  }

  *range({ from, to, reverse }: KeyRange<K>, all: Iterable<StoreEntry<K, V>>): Generator<StoreEntry<K, V>> {
    const sorted = this.#upToDate(all);
    const start = from === undefined ? 0 : boundOf(sorted, this.#keys.order(from), false);
    const end = to === undefined ? sorted.length : boundOf(sorted, this.#keys.order(to), true);
    for (let i = 0; i < end - start; i++) {
      const { entry } = sorted[reverse === true ? end - 1 - i : start + i] as OrderedEntry<K, V>;
      if (entry.value !== null) yield entry;
    }
  }

  #upToDate(all: Iterable<StoreEntry<K, V>>): OrderedEntry<K, V>[] {
    const ordered = (entry: StoreEntry<K, V>): OrderedEntry<K, V> => ({ order: this.#keys.order(entry.key), entry });
    if (this.#sorted === undefined) {
      this.#sorted = Array.from(all, ordered).sort(compareOrder);
    } else if (this.#added.length > 0 || this.#deleted > 0) {
      const alive = this.#sorted.filter(({ entry }) => entry.value !== null);
      const fresh = this.#added.filter(({ value }) => value !== null).map(ordered);
      this.#sorted = merge(alive, fresh.sort(compareOrder));
    }
    this.#added = [];
    this.#deleted = 0;
    return this.#sorted;
  }
}

function merge<K, V>(a: OrderedEntry<K, V>[], b: OrderedEntry<K, V>[]): OrderedEntry<K, V>[] {
  const merged: OrderedEntry<K, V>[] = [];
  let i = 0;
  for (const next of b) {
    while (i < a.length && (a[i] as OrderedEntry<K, V>).order < next.order) merged.push(a[i++] as OrderedEntry<K, V>);
    merged.push(next);
  }
  while (i < a.length) merged.push(a[i++] as OrderedEntry<K, V>);
  return merged;
}

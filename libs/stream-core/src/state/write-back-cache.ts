import type { RecordOrigin } from '../processor/record-origin.ts';

/** How many bytes the caches of one application may take together. */
export class CacheBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }
}

/** A cached entry: written by its store with `WriteBackCache.written`. */
export interface CacheEntry {
  origin: RecordOrigin;
  bytes: number;
}

/** Per entry beside key and value: links, flag, timestamp and origin, as Kafka Streams counts them. */
const ENTRY_OVERHEAD_BYTES = 24 + 1 + 8 + 8 + 8 + 4;

/** What an entry counts against the budget. */
export function cachedBytes(keyLength: number, valueLength: number, { topic, headers }: RecordOrigin): number {
  let bytes = ENTRY_OVERHEAD_BYTES + keyLength + valueLength + topic.length;
  for (const { key, value } of headers) bytes += key.length + (value?.length ?? 0);
  return bytes;
}

/**
 * Which entries of a caching store are dirty and which were used longest ago. Dirty ones are given in the order of their last writes. Above the budget the store's own entries go, oldest use
 * first; before a dirty one goes, everything dirty is flushed.
 */
export class WriteBackCache<E extends CacheEntry> {
  readonly #budget: CacheBudget;
  readonly #flush: () => void;
  readonly #forget: (entry: E) => void;
  /** By last use. */
  readonly #entries = new Set<E>();
  /** By last write. */
  readonly #dirty = new Set<E>();

  constructor(budget: CacheBudget, owner: { readonly flush: () => void; readonly forget: (entry: E) => void }) {
    this.#budget = budget;
    this.#flush = owner.flush;
    this.#forget = owner.forget;
  }

  get size(): number {
    return this.#entries.size;
  }

  get hasDirty(): boolean {
    return this.#dirty.size > 0;
  }

  used(entry: E): void {
    this.#entries.delete(entry);
    this.#entries.add(entry);
  }

  /** Takes note of a write, with the entry's new size. */
  written(entry: E, bytes: number): void {
    this.#budget.usedBytes += bytes - entry.bytes;
    entry.bytes = bytes;
    this.used(entry);
    this.#dirty.delete(entry);
    this.#dirty.add(entry);
    while (this.#budget.usedBytes > this.#budget.maxBytes && this.#entries.size > 0) this.#evict();
  }

  /** Gives the dirty entries, which are clean from now on. */
  takeDirty(): E[] {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    return dirty;
  }

  remove(entry: E): void {
    if (!this.#entries.delete(entry)) return;
    this.#dirty.delete(entry);
    this.#budget.usedBytes -= entry.bytes;
    entry.bytes = 0;
    this.#forget(entry);
  }

  clear(): void {
    for (const entry of this.#entries) this.remove(entry);
  }

  #evict(): void {
    const [oldest] = this.#entries;
    if (oldest === undefined) return;
    if (this.#dirty.has(oldest)) this.#flush();
    this.remove(oldest);
  }
}

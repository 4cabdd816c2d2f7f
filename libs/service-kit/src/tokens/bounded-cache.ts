/** A map of at most `maxEntries`, which forgets what was put in longest ago. 0 remembers nothing. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, V>();
  /** One iterator for good: a new one would pass every place that a removed entry has left behind, thousands at each removal. */
  readonly #oldestFirst = this.#entries.keys();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    if (this.#maxEntries === 0) return;
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#oldestFirst.next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

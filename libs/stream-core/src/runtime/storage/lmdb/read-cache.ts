/** An entry that may be forgotten, as it is on disk as well. */
export interface Cached {
  /** About what it takes in memory. */
  bytes: number;
  /** Read since the cache looked last. */
  used: boolean;
  /** In the cache's queue. */
  queued: boolean;
  /** The one after it there. */
  next: Cached | undefined;
  /** False: it has a change that is not committed, or is gone already. */
  readonly isEvictable: boolean;
  evict(): void;
}

/**
 * Bounds what the stores of an instance keep of their rows, decoded: a clock over all of them. What is not committed is not counted. The queue is a list through its
 * entries: with hundreds of thousands of them an array that grows takes longer than a turn of the event loop may.
 */
export class ReadCache {
  readonly #maxBytes: number;
  #oldest: Cached | undefined;
  #newest: Cached | undefined;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An entry has become equal to its row on disk. */
  add(entry: Cached): void {
    if (entry.queued) return;
    entry.queued = true;
    this.#push(entry);
    this.#bytes += entry.bytes;
    this.#trim();
  }

  /** As `add`, of an entry whose size may be another one by now. */
  keep(entry: Cached, bytes: number): void {
    if (entry.queued) this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    if (entry.queued) this.#trim();
    else this.add(entry);
  }

  #trim(): void {
    while (this.#bytes > this.#maxBytes) this.#turn();
  }

  #turn(): void {
    const oldest = this.#shift();
    if (oldest === undefined) {
      this.#bytes = 0;
      return;
    }
    if (oldest.used && oldest.isEvictable) {
      oldest.used = false;
      this.#push(oldest);
      return;
    }
    oldest.queued = false;
    this.#bytes -= oldest.bytes;
    // One that has changed comes back when it is committed.
    if (oldest.isEvictable) oldest.evict();
  }

  #push(entry: Cached): void {
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.next = entry;
    this.#newest = entry;
  }

  #shift(): Cached | undefined {
    const entry = this.#oldest;
    if (entry === undefined) return undefined;
    this.#oldest = entry.next;
    if (entry.next === undefined) this.#newest = undefined;
    entry.next = undefined;
    return entry;
  }
}

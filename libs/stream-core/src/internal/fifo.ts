const INITIAL_CAPACITY = 8;

/** A queue in a ring, which only grows: with an array, `shift` and `push` by turns have its memory made anew over and over. */
export class Fifo<T> {
  /** Its length is a power of two. */
  #ring: (T | undefined)[] = Array.from({ length: INITIAL_CAPACITY });
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#size++) & (this.#ring.length - 1)] = item;
  }

  /** Takes the oldest one; undefined: there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  clear(): void {
    this.#ring = Array.from({ length: INITIAL_CAPACITY });
    this.#first = 0;
    this.#size = 0;
  }

  #grow(): void {
    const ring = this.#ring;
    this.#ring = [
      ...ring.slice(this.#first),
      ...ring.slice(0, this.#first),
      ...Array.from<undefined>({ length: ring.length }),
    ];
    this.#first = 0;
  }
}

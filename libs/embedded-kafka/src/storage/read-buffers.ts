/** Smaller buffers are left to the collector. */
const MIN_POOLED_BYTES = 64 * 1024;
/** Larger ones are rare, and too much to keep. */
const MAX_POOLED_BYTES = 4 * 1024 * 1024;
/** Most bytes that wait to be used again. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

/**
 * Buffers for reads from log files, used again once their bytes have gone to the client. Consumers that catch up would otherwise leave a megabyte behind
 * with every response, and the collector lets 64 MB of that gather. Who never gives a buffer back costs nothing but that.
 */
export class ReadBuffers {
  /** By size, a power of two. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** A buffer of this length with anything in it. */
  take(length: number): Buffer {
    if (length < MIN_POOLED_BYTES || length > MAX_POOLED_BYTES) return Buffer.allocUnsafeSlow(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    let memory = this.#free.get(size)?.pop();
    if (memory === undefined) memory = new ArrayBuffer(size);
    else this.#freeBytes -= size;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, length);
  }

  /** Takes back what a buffer, or a part of one, lies in. Nobody may look at it after that. Of other buffers it does nothing. */
  giveBack({ buffer: memory }: Buffer): void {
    // Deleted first: given back twice it would be lent to two.
    if (!this.#lent.delete(memory) || this.#freeBytes + memory.byteLength > MAX_FREE_BYTES) return;
    const free = this.#free.get(memory.byteLength) ?? [];
    this.#free.set(memory.byteLength, free);
    free.push(memory as ArrayBuffer);
    this.#freeBytes += memory.byteLength;
  }
}

/** Those of the process: memory is shared by all. */
export const readBuffers = new ReadBuffers();

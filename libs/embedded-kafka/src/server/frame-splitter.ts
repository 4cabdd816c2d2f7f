/** A frame announced more bytes than allowed, or fewer than none. */
export class FrameSizeError extends Error {
  constructor(size: number, maxFrameBytes: number) {
    super(`frame of ${size} bytes, allowed are 0 to ${maxFrameBytes}`);
    this.name = 'FrameSizeError';
  }
}

const SIZE_BYTES = 4;

/**
 * Cuts a byte stream into Kafka's frames (int32 size, then so many bytes). Memory is taken for bytes that have come, never for bytes that were announced.
 * A frame that came in one piece is a view of it; one that came in several is copied once.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  #chunks: Buffer[] = [];
  #pending = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that have come and are not yet in a frame. */
  get pendingBytes(): number {
    return this.#pending;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#pending += chunk.length;
  }

  /** The next whole frame without its size, or null until more has come. Throws {@link FrameSizeError} where no frame can follow. */
  next(): Buffer | null {
    if (this.#pending < SIZE_BYTES) return null;
    const size = this.#peekSize();
    if (size < 0 || size > this.#maxFrameBytes) throw new FrameSizeError(size, this.#maxFrameBytes);
    if (this.#pending < SIZE_BYTES + size) return null;
    const joined = this.#join(SIZE_BYTES + size);
    const rest = joined.subarray(SIZE_BYTES + size);
    this.#pending -= SIZE_BYTES + size;
    if (rest.length > 0) this.#chunks.unshift(rest);
    return joined.subarray(SIZE_BYTES, SIZE_BYTES + size);
  }

  #peekSize(): number {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= SIZE_BYTES) return first.readInt32BE(0);
    return Buffer.concat(this.#chunks.slice(0, SIZE_BYTES), SIZE_BYTES).readInt32BE(0);
  }

  /** Takes chunks with at least `length` bytes off the front, as one buffer. */
  #join(length: number): Buffer {
    let count = 0;
    let bytes = 0;
    while (bytes < length) bytes += (this.#chunks[count++] as Buffer).length;
    const taken = this.#chunks.splice(0, count);
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, bytes);
  }
}

/** Bytes of an entry, in memory and in the file. */
export const INDEX_ENTRY_BYTES = 16;
const INITIAL_ENTRIES = 64;

/**
 * Where in a segment an offset or a time is, to within one interval of bytes. An entry stands for a batch's start and says
 * `relativeOffset u32 · position u32 · greatest timestamp before the position, f64`, so both searches are a floor search on a rising column.
 * A closed segment's last entry stands for its end: with it the index alone knows the segment's size, next offset and greatest timestamp.
 * The same bytes lie in the `.index` file.
 */
export class SparseIndex {
  #bytes: Buffer;
  #count: number;

  constructor(bytes: Buffer = Buffer.alloc(INITIAL_ENTRIES * INDEX_ENTRY_BYTES), count = 0) {
    this.#bytes = bytes;
    this.#count = count;
  }

  /** Reads an `.index` file's content; a torn last entry is left out. */
  static from(file: Buffer): SparseIndex {
    return new SparseIndex(file, Math.floor(file.length / INDEX_ENTRY_BYTES));
  }

  get count(): number {
    return this.#count;
  }

  add(relativeOffset: number, position: number, maxTimestampBefore: number): void {
    const at = this.#count * INDEX_ENTRY_BYTES;
    if (at + INDEX_ENTRY_BYTES > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(INITIAL_ENTRIES * INDEX_ENTRY_BYTES, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#bytes.writeUInt32LE(relativeOffset, at);
    this.#bytes.writeUInt32LE(position, at + 4);
    this.#bytes.writeDoubleLE(maxTimestampBefore, at + 8);
    this.#count++;
  }

  relativeOffset(entry: number): number {
    return this.#bytes.readUInt32LE(entry * INDEX_ENTRY_BYTES);
  }

  position(entry: number): number {
    return this.#bytes.readUInt32LE(entry * INDEX_ENTRY_BYTES + 4);
  }

  maxTimestampBefore(entry: number): number {
    return this.#bytes.readDoubleLE(entry * INDEX_ENTRY_BYTES + 8);
  }

  /** The position of the last entry at or before the relative offset; 0 without one. */
  floorOffset(relativeOffset: number): number {
    return this.#floor((entry) => this.relativeOffset(entry) <= relativeOffset);
  }

  /** The position of the last entry at or before the byte position; 0 without one. */
  floorPosition(position: number): number {
    return this.#floor((entry) => this.position(entry) <= position);
  }

  /** The position from which on a record with a timestamp of at least this one must be looked for; 0 without an entry. */
  floorTimestamp(timestampMs: number): number {
    return this.#floor((entry) => this.maxTimestampBefore(entry) < timestampMs);
  }

  /** Forgets the entries at and after a byte position. */
  truncate(position: number): void {
    while (this.#count > 0 && this.position(this.#count - 1) >= position) this.#count--;
  }

  /** The entries from one on, as they go into the file. */
  bytesFrom(entry: number): Buffer {
    return this.#bytes.subarray(entry * INDEX_ENTRY_BYTES, this.#count * INDEX_ENTRY_BYTES);
  }

  #floor(isAtOrBefore: (entry: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAtOrBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.position(low - 1);
  }
}

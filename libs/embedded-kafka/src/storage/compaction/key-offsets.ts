import { hash as digestOf } from 'node:crypto';

/** A longer key stands by its SHA-256, so that no key is too large for the map. */
const MAX_STORED_KEY_BYTES = 128;
/** A slot: the key's hash, where the key lies, and the offset. */
const SLOT_BYTES = 4 + 4 + 8;
/** The slots get about a third of the memory: room for keys of 48 bytes on average before either part is full. */
const BYTES_PER_SLOT = 3 * SLOT_BYTES;
const MAX_LOAD = 0.75;
const MIN_SLOTS = 8;
const KEY_HEADER_BYTES = 4;

/**
 * The latest offset of each key, in memory that is allocated once: it neither grows nor pauses for garbage, and says so when it is full.
 * Keys are compared as a whole; two that share a hash are two keys.
 */
export class KeyOffsets {
  /** Where the slot's key starts in `#keys`, plus 1; 0 is a free slot. */
  readonly #keyAt: Int32Array;
  readonly #hashes: Int32Array;
  readonly #offsets: Float64Array;
  readonly #keys: Buffer;
  #keysEnd = 0;
  #count = 0;

  /** `maxBytes` bounds the whole map. */
  constructor(maxBytes: number) {
    const slots = Math.max(MIN_SLOTS, 2 ** Math.floor(Math.log2(maxBytes / BYTES_PER_SLOT)));
    this.#keyAt = new Int32Array(slots);
    this.#hashes = new Int32Array(slots);
    this.#offsets = new Float64Array(slots);
    this.#keys = Buffer.allocUnsafeSlow(
      Math.max(MIN_SLOTS * (KEY_HEADER_BYTES + MAX_STORED_KEY_BYTES), maxBytes - slots * SLOT_BYTES),
    );
  }

  /** Keys in the map. */
  get count(): number {
    return this.#count;
  }

  /** Notes an offset of the key `bytes[start, end)`, later than those before; false when the key is new and the map is full. An empty map takes any key. */
  put(bytes: Buffer, start: number, end: number, offset: number): boolean {
    if (end - start > MAX_STORED_KEY_BYTES) {
      const digest = sha256(bytes, start, end);
      return this.#put(digest, 0, digest.length, end - start, offset);
    }
    return this.#put(bytes, start, end, end - start, offset);
  }

  /** The latest offset of the key `bytes[start, end)`, −1 when there is none. */
  get(bytes: Buffer, start: number, end: number): number {
    if (end - start > MAX_STORED_KEY_BYTES) {
      const digest = sha256(bytes, start, end);
      return this.#get(digest, 0, digest.length, end - start);
    }
    return this.#get(bytes, start, end, end - start);
  }

  clear(): void {
    this.#keyAt.fill(0);
    this.#keysEnd = 0;
    this.#count = 0;
  }

  #put(bytes: Buffer, start: number, end: number, length: number, offset: number): boolean {
    const hash = hashOf(bytes, start, end);
    const slot = this.#find(hash, bytes, start, end, length);
    if (this.#keyAt[slot] === 0) {
      const needed = KEY_HEADER_BYTES + end - start;
      if (this.#count >= this.#keyAt.length * MAX_LOAD || this.#keysEnd + needed > this.#keys.length) return false;
      this.#keys.writeUInt32LE(length, this.#keysEnd);
      bytes.copy(this.#keys, this.#keysEnd + KEY_HEADER_BYTES, start, end);
      this.#keyAt[slot] = this.#keysEnd + 1;
      this.#hashes[slot] = hash;
      this.#keysEnd += needed;
      this.#count++;
    }
    this.#offsets[slot] = offset;
    return true;
  }

  #get(bytes: Buffer, start: number, end: number, length: number): number {
    const slot = this.#find(hashOf(bytes, start, end), bytes, start, end, length);
    return this.#keyAt[slot] === 0 ? -1 : (this.#offsets[slot] as number);
  }

  /** The key's slot, or the free one where it belongs. There always is a free one: the load is bounded. */
  #find(hash: number, bytes: Buffer, start: number, end: number, length: number): number {
    const mask = this.#keyAt.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = (this.#keyAt[slot] as number) - 1;
      if (at < 0) return slot;
      if (this.#hashes[slot] === hash && this.#isKey(at, bytes, start, end, length)) return slot;
    }
  }

  /** `length` is the key's own, so that a key of 32 bytes is not taken for another's digest. */
  #isKey(at: number, bytes: Buffer, start: number, end: number, length: number): boolean {
    if (this.#keys.readUInt32LE(at) !== length) return false;
    let stored = at + KEY_HEADER_BYTES;
    for (let i = start; i < end; i++) if (this.#keys[stored++] !== bytes[i]) return false;
    return true;
  }
}

const sha256 = (bytes: Buffer, start: number, end: number): Buffer =>
  digestOf('sha256', bytes.subarray(start, end), 'buffer');

/** FNV-1a and a mix of the upper bits into the lower ones, which choose the slot. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 16);
}

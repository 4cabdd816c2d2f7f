import { repeat } from './snappy.ts';

// An LZ4 frame: magic, flags, block size, [content size], [dictionary id], checksum of these, then blocks: a little-endian length whose highest bit says that
// the block is not compressed, the block, [its checksum]; a length of 0 ends the frame. A block is sequences: a token with two lengths of four bits,
// literals, and a copy from earlier output at least 4 bytes long. The batch has a checksum of its own, so those in here are not looked at.

const MAGIC = 0x184d2204;
const Flag = { DICTIONARY: 0x01, CONTENT_SIZE: 0x08, BLOCK_CHECKSUM: 0x10 } as const;
const UNCOMPRESSED = 0x8000_0000;
const CHECKSUM_BYTES = 4;
const MIN_COPY = 4;
/** A length of four bits that goes on in the bytes behind it. */
const MORE = 15;
/** The output is this many times as large as the input to begin with. */
const FIRST_GUESS = 4;

/** Decompresses an LZ4 frame. Throws RangeError for what is none or opens to more than `maxBytes`. */
export function decompressLz4(input: Buffer, maxBytes: number): Buffer {
  if (input.readUInt32LE(0) !== MAGIC) throw new RangeError('no LZ4 frame');
  const flags = input.readUInt8(4);
  let at = 7 + ((flags & Flag.CONTENT_SIZE) === 0 ? 0 : 8) + ((flags & Flag.DICTIONARY) === 0 ? 0 : 4);
  const output = new Output(Math.min(maxBytes, input.length * FIRST_GUESS), maxBytes);
  for (;;) {
    const size = input.readUInt32LE(at);
    at += 4;
    if (size === 0) return output.bytes();
    const length = size % UNCOMPRESSED;
    if (length > input.length - at) throw new RangeError(`a block of ${length} bytes at byte ${at}`);
    const block = input.subarray(at, at + length);
    if (size >= UNCOMPRESSED) output.append(block, 0, length);
    else decompressBlock(block, output);
    at += length + ((flags & Flag.BLOCK_CHECKSUM) === 0 ? 0 : CHECKSUM_BYTES);
  }
}

function decompressBlock(block: Buffer, output: Output): void {
  let at = 0;
  /** A length whose first part is in the token. */
  const lengthFrom = (first: number): number => {
    let length = first;
    for (let byte = first === MORE ? 255 : 0; byte === 255; length += byte) byte = block.readUInt8(at++);
    return length;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = lengthFrom(token >>> 4);
    if (literals > block.length - at) throw new RangeError(`${literals} literal bytes at byte ${at}`);
    output.append(block, at, at + literals);
    at += literals;
    // The last sequence is literals only.
    if (at === block.length) return;
    const offset = block.readUInt16LE(at);
    at += 2;
    output.repeat(offset, lengthFrom(token & MORE) + MIN_COPY);
  }
}

/** What is decompressed so far, in memory that grows up to a bound. */
class Output {
  readonly #maxBytes: number;
  #bytes: Buffer;
  #length = 0;

  constructor(firstBytes: number, maxBytes: number) {
    this.#bytes = Buffer.allocUnsafe(firstBytes);
    this.#maxBytes = maxBytes;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(from: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += from.copy(this.#bytes, this.#length, start, end);
  }

  repeat(offset: number, length: number): void {
    this.#reserve(length);
    repeat(this.#bytes, this.#length, offset, length);
    this.#length += length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#maxBytes) throw new RangeError(`more than ${this.#maxBytes} bytes`);
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(needed, 2 * this.#bytes.length)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

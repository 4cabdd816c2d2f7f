import { ProtocolError } from '../errors.ts';

/** Most elements that an array in a message may announce. Kafka 4.4 has the same limit. */
export const MAX_ARRAY_LENGTH = 1_000_000;
/** Most tagged fields that one section may announce. */
export const MAX_TAGGED_FIELDS = 10_000;

const TWO_TO_32 = 2 ** 32;

/**
 * Reads a message's big-endian primitives from a buffer, front to back.
 * Byte fields are views of that buffer: copy what outlives it. Throws {@link ProtocolError} on an underrun and on a count over its limit, never a RangeError.
 */
export class ByteReader {
  readonly buffer: Buffer;
  position: number;
  readonly #end: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.#end = end;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.position;
  }

  int8(): number {
    return this.buffer.readInt8(this.skip(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.skip(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.skip(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.skip(4));
  }

  /** Exact up to 2^53, as everywhere in this library. */
  int64(): number {
    const at = this.skip(8);
    return this.buffer.readInt32BE(at) * TWO_TO_32 + this.buffer.readUInt32BE(at + 4);
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.skip(8));
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  /** A topic's or cluster's id as the usual 36 characters. */
  uuid(): string {
    const at = this.skip(16);
    const hex = this.buffer.toString('hex', at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.skip(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= TWO_TO_32) break;
        return value;
      }
    }
    throw new ProtocolError(`unsigned varint at byte ${this.position} does not fit 32 bits`);
  }

  /** An int16 length and bytes; null for -1. */
  nullableString(): string | null {
    return this.#text(this.int16());
  }

  /** A varint length + 1 and bytes; null for 0. */
  compactNullableString(): string | null {
    return this.#text(this.unsignedVarint() - 1);
  }

  nullableBytes(): Buffer | null {
    return this.#slice(this.int32());
  }

  compactNullableBytes(): Buffer | null {
    return this.#slice(this.unsignedVarint() - 1);
  }

  /** An array's length; -1 is a null array. */
  arrayLength(): number {
    return this.#checkedLength(this.int32());
  }

  compactArrayLength(): number {
    return this.#checkedLength(this.unsignedVarint() - 1);
  }

  /** The number of tagged fields that follow. */
  taggedFieldCount(): number {
    const count = this.unsignedVarint();
    if (count > MAX_TAGGED_FIELDS)
      throw new ProtocolError(`${count} tagged fields announced, at most ${MAX_TAGGED_FIELDS} are allowed`);
    return count;
  }

  /** Reads over a tagged-field section whose fields nobody here knows. */
  skipTaggedFields(): void {
    const count = this.taggedFieldCount();
    for (let i = 0; i < count; i++) {
      this.unsignedVarint();
      this.skip(this.unsignedVarint());
    }
  }

  /** Moves over `length` bytes and answers where they start. */
  skip(length: number): number {
    const at = this.position;
    if (length > this.#end - at)
      throw new ProtocolError(`message ends early: ${length} bytes wanted at byte ${at} of ${this.#end}`);
    this.position = at + length;
    return at;
  }

  #text(length: number): string | null {
    if (length < 0) return this.#nullOf(length);
    const at = this.skip(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  #slice(length: number): Buffer | null {
    if (length < 0) return this.#nullOf(length);
    const at = this.skip(length);
    return this.buffer.subarray(at, at + length);
  }

  #nullOf(length: number): null {
    if (length !== -1) throw new ProtocolError(`length ${length} before byte ${this.position}, at least -1 is allowed`);
    return null;
  }

  #checkedLength(length: number): number {
    if (length < -1)
      throw new ProtocolError(`array length ${length} before byte ${this.position}, at least -1 is allowed`);
    if (length > MAX_ARRAY_LENGTH)
      throw new ProtocolError(`array of ${length} elements announced, at most ${MAX_ARRAY_LENGTH} are allowed`);
    // Every element takes a byte or more, so a longer array is a lie and must not cost an allocation.
    if (length > this.remaining)
      throw new ProtocolError(`array of ${length} elements announced in ${this.remaining} bytes`);
    return length;
  }
}

import { ProtocolError } from '../errors.ts';

const TWO_TO_32 = 2 ** 32;
const MAX_INT16 = 0x7fff;

/**
 * Writes a message's big-endian primitives into one growing buffer.
 * `bytesByReference` keeps large record sets out of it: they appear between the pieces that `chunks()` answers and are never copied.
 */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;
  #references: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #referencedBytes = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(Math.max(16, initialBytes));
  }

  /** Bytes written, referenced ones included. */
  get size(): number {
    return this.#length + this.#referencedBytes;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#buffer.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    const at = this.#reserve(2);
    this.#buffer.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
  }

  /** Exact up to 2^53. */
  int64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeInt32BE(Math.floor(value / TWO_TO_32), at);
    this.#buffer.writeUInt32BE(
      value >= 0 ? value % TWO_TO_32 : value - Math.floor(value / TWO_TO_32) * TWO_TO_32,
      at + 4,
    );
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  /** Takes the 36 characters that {@link ByteReader.uuid} answers. */
  uuid(value: string): void {
    const hex = value.replaceAll('-', '');
    if (!/^[0-9a-f]{32}$/i.test(hex)) throw new ProtocolError(`"${value}" is no uuid`);
    const at = this.#reserve(16);
    this.#buffer.write(hex, at, 16, 'hex');
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  nullableString(value: string | null): void {
    if (value === null) {
      this.int16(-1);
      return;
    }
    const length = Buffer.byteLength(value);
    if (length > MAX_INT16) throw new ProtocolError(`string of ${length} bytes, at most ${MAX_INT16} are allowed`);
    this.int16(length);
    this.#text(value, length);
  }

  compactNullableString(value: string | null): void {
    if (value === null) {
      this.#byte(0);
      return;
    }
    const length = Buffer.byteLength(value);
    this.unsignedVarint(length + 1);
    this.#text(value, length);
  }

  nullableBytes(value: Uint8Array | null): void {
    this.int32(value === null ? -1 : value.length);
    if (value !== null) this.bytes(value);
  }

  compactNullableBytes(value: Uint8Array | null): void {
    this.unsignedVarint(value === null ? 0 : value.length + 1);
    if (value !== null) this.bytes(value);
  }

  /** Copies bytes without a length. */
  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  /** Puts bytes here without copying them; they must not change until the message has been sent. */
  bytesByReference(value: Uint8Array): void {
    if (value.length === 0) return;
    this.#references.push({ at: this.#length, bytes: value });
    this.#referencedBytes += value.length;
  }

  /** Leaves room for an int32 that {@link patchInt32} fills in later; answers its position. */
  reserveInt32(): number {
    return this.#reserve(4);
  }

  patchInt32(position: number, value: number): void {
    this.#buffer.writeInt32BE(value, position);
  }

  /** Everything written, in order, for a gathering write. Valid until `reset`. */
  chunks(): Buffer[] {
    const chunks: Buffer[] = [];
    let from = 0;
    for (const { at, bytes } of this.#references) {
      if (at > from) chunks.push(this.#buffer.subarray(from, at));
      chunks.push(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      from = at;
    }
    if (this.#length > from) chunks.push(this.#buffer.subarray(from, this.#length));
    return chunks;
  }

  /** Starts again in the same memory: what `chunks()` answered before is overwritten. */
  reset(): void {
    this.#length = 0;
    this.#references = [];
    this.#referencedBytes = 0;
  }

  #byte(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  #text(value: string, length: number): void {
    const at = this.#reserve(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  #reserve(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = needed;
    return at;
  }
}

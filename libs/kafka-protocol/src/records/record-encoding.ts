// The encodings inside a record: zigzag varints, and bytes or text behind their length. Every function that writes answers the position after it.

/** A record's header; keys may repeat. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | string | null;
}

/** Most bytes of a 32-bit varint. */
export const MAX_VARINT_BYTES = 5;

const TWO_TO_31 = 2 ** 31;
/** Up to here a loop is faster than the call into the runtime. */
const SHORT = 20;

/** Bytes of a key, a value or a header's part; -1 for null. */
export function lengthOf(value: Uint8Array | string | null): number {
  if (value === null) return -1;
  if (typeof value !== 'string') return value.length;
  return isShortAscii(value) ? value.length : Buffer.byteLength(value);
}

/** Bytes of a length and of what it counts; the length of null is -1. */
export function sizeWithLength(length: number): number {
  return length <= 0 ? 1 : varintSize(length) + length;
}

/** Bytes of a record's headers, their number included. */
export function headersSize(headers: readonly RecordHeader[] | undefined): number {
  if (headers === undefined) return 1;
  let size = varintSize(headers.length);
  for (const { key, value } of headers) size += sizeWithLength(lengthOf(key)) + sizeWithLength(lengthOf(value));
  return size;
}

/** Bytes of a 32-bit number as a zigzag varint. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : MAX_VARINT_BYTES;
}

/** Bytes of any safe integer as a zigzag varint. */
export function varlongSize(value: number): number {
  if (fitsInt32(value)) return varintSize(value);
  let size = 2;
  for (let rest = Math.floor(magnitudeOf(value) / 0x40); rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Writes a 32-bit number as a zigzag varint. */
export function writeVarint(buffer: Buffer, position: number, value: number): number {
  let at = position;
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}

/** Writes any safe integer as a zigzag varint. */
export function writeVarlong(buffer: Buffer, position: number, value: number): number {
  if (fitsInt32(value)) return writeVarint(buffer, position, value);
  let at = position;
  // Zigzag and the first seven bits in one step: doubling the whole value would lose a bit above 2^52.
  const magnitude = magnitudeOf(value);
  buffer[at++] = 0x80 | ((magnitude % 0x40) << 1) | (value >= 0 ? 0 : 1);
  let rest = Math.floor(magnitude / 0x40);
  while (rest > 0x7f) {
    buffer[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  buffer[at++] = rest;
  return at;
}

/** Writes a key, a value or a header's part behind its length, which is that of {@link lengthOf}. */
export function writeWithLength(
  buffer: Buffer,
  position: number,
  value: Uint8Array | string | null,
  length: number,
): number {
  const at = writeVarint(buffer, position, length);
  if (value === null) return at;
  if (typeof value === 'string') {
    // As many bytes as characters: it is ASCII.
    if (length === value.length && length <= SHORT)
      for (let i = 0; i < length; i++) buffer[at + i] = value.charCodeAt(i);
    else buffer.write(value, at, length, 'utf8');
  } else if (length <= SHORT) {
    for (let i = 0; i < length; i++) buffer[at + i] = value[i] as number;
  } else buffer.set(value, at);
  return at + length;
}

/** Writes a record's headers behind their number. */
export function writeHeaders(buffer: Buffer, position: number, headers: readonly RecordHeader[]): number {
  let at = writeVarint(buffer, position, headers.length);
  for (const { key, value } of headers) {
    at = writeWithLength(buffer, at, key, lengthOf(key));
    at = writeWithLength(buffer, at, value, lengthOf(value));
  }
  return at;
}

function fitsInt32(value: number): boolean {
  return value < TWO_TO_31 && value >= -TWO_TO_31;
}

function magnitudeOf(value: number): number {
  return value >= 0 ? value : -value - 1;
}

function isShortAscii(value: string): boolean {
  if (value.length > SHORT) return false;
  let bits = 0;
  for (let i = 0; i < value.length; i++) bits |= value.charCodeAt(i);
  return bits < 0x80;
}

const TWO_TO_32 = 2 ** 32;

/** Reads a big-endian signed 64-bit integer as a number; exact up to ±2^53. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_TO_32 + buffer.readUInt32BE(at + 4);
}

/** Writes a whole number (exact up to ±2^53) as a big-endian signed 64-bit integer. */
export function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / TWO_TO_32);
  const low = value - high * TWO_TO_32;
  buffer[at] = high >>> 24;
  buffer[at + 1] = high >>> 16;
  buffer[at + 2] = high >>> 8;
  buffer[at + 3] = high;
  buffer[at + 4] = low >>> 24;
  buffer[at + 5] = low >>> 16;
  buffer[at + 6] = low >>> 8;
  buffer[at + 7] = low;
}

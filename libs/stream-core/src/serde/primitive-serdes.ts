import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import type { Codec, Serde } from './serde.ts';

const asBuffer = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function refuse(what: string, value: unknown): never {
  throw new SerdeError(`${typeof value} ${String(value)} is not ${what}`);
}

function requireSize(what: string, expected: number, actual: number): void {
  if (actual !== expected) throw new SerdeError(`${what} has ${expected} bytes, these are ${actual}`);
}

const stringCodec: Codec<string> = {
  serialize: (value) => (typeof value === 'string' ? Buffer.from(value, 'utf8') : refuse('a string', value)),
  deserialize: (bytes) => asBuffer(bytes).toString('utf8'),
  deserializeAt: (buffer, start, end) => buffer.toString('utf8', start, end),
  comparesByIdentity: true,
};

const bytesCodec: Codec<Uint8Array> = {
  serialize: (value) => (value instanceof Uint8Array ? value : refuse('a Uint8Array', value)),
  deserialize: (bytes) => Uint8Array.prototype.slice.call(bytes),
};

const longCodec: Codec<number> = {
  serialize(value) {
    if (!Number.isSafeInteger(value)) refuse('a whole number up to 2^53', value);
    const bytes = Buffer.allocUnsafe(8);
    writeInt64(bytes, 0, value);
    return bytes;
  },
  deserialize: (bytes) => readLong(asBuffer(bytes), 0, bytes.length),
  deserializeAt: readLong,
  comparesByIdentity: true,
};

function readLong(buffer: Buffer, start: number, end: number): number {
  requireSize('a long', 8, end - start);
  const value = readInt64(buffer, start);
  return Number.isSafeInteger(value) ? value : refuse('a whole number up to 2^53', value);
}

const intCodec: Codec<number> = {
  serialize(value) {
    if ((value | 0) !== value) refuse('a 32-bit whole number', value);
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    return bytes;
  },
  deserialize(bytes) {
    requireSize('an int', 4, bytes.length);
    return asBuffer(bytes).readInt32BE(0);
  },
  comparesByIdentity: true,
};

const doubleCodec: Codec<number> = {
  serialize(value) {
    if (typeof value !== 'number') refuse('a number', value);
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(value);
    return bytes;
  },
  deserialize(bytes) {
    requireSize('a double', 8, bytes.length);
    return asBuffer(bytes).readDoubleBE(0);
  },
};

const noneCodec: Codec<null> = {
  serialize: () => refuse('null: a part without content holds nothing else', 'value'),
  deserialize(bytes) {
    throw new SerdeError(`${bytes.length} bytes where nothing is expected`);
  },
};

const fixed = <T>(codec: Codec<T>): Serde<T> => Object.freeze({ open: () => codec });

export const stringSerde: Serde<string> = fixed(stringCodec);
export const bytesSerde: Serde<Uint8Array> = fixed(bytesCodec);
export const longSerde: Serde<number> = fixed(longCodec);
export const intSerde: Serde<number> = fixed(intCodec);
export const doubleSerde: Serde<number> = fixed(doubleCodec);
export const noneSerde: Serde<null> = fixed(noneCodec);

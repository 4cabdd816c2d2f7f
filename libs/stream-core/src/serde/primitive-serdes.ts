import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import { Scratch } from '../internal/scratch.ts';
import type { Codec, Serde } from './serde.ts';
import { textAt } from './text-at.ts';

/** Longer texts are worth an allocation: the native encoder is faster than a loop. */
const MAX_INLINE_CHARACTERS = 64;

const asBuffer = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function refuse(what: string, value: unknown): never {
  throw new SerdeError(`${typeof value} ${String(value)} is not ${what}`);
}

function requireSize(what: string, expected: number, actual: number): void {
  if (actual !== expected) throw new SerdeError(`${what} has ${expected} bytes, these are ${actual}`);
}

class StringCodec implements Codec<string> {
  readonly comparesByIdentity = true;
  readonly #scratch = new Scratch();

  serialize(value: string): Uint8Array {
    return typeof value === 'string' ? Buffer.from(value, 'utf8') : refuse('a string', value);
  }

  serializeReusing(value: string): Uint8Array {
    if (typeof value !== 'string') refuse('a string', value);
    const { length } = value;
    if (length > MAX_INLINE_CHARACTERS) return Buffer.from(value, 'utf8');
    const bytes = this.#scratch.reserve(length * 3);
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return this.#scratch.view(bytes.write(value, 0, 'utf8'));
      bytes[i] = unit;
    }
    return this.#scratch.view(length);
  }

  deserialize(bytes: Uint8Array): string {
    return textAt(asBuffer(bytes), 0, bytes.length);
  }

  deserializeAt(buffer: Buffer, start: number, end: number): string {
    return textAt(buffer, start, end);
  }
}

const bytesCodec: Codec<Uint8Array> = {
  serialize: (value) => (value instanceof Uint8Array ? value : refuse('a Uint8Array', value)),
  deserialize: (bytes) => Uint8Array.prototype.slice.call(bytes),
};

class LongCodec implements Codec<number> {
  readonly comparesByIdentity = true;
  readonly deserializeAt = readLong;
  readonly #scratch = Buffer.alloc(8);

  serialize(value: number): Uint8Array {
    return writeLong(Buffer.allocUnsafe(8), value);
  }

  serializeReusing(value: number): Uint8Array {
    return writeLong(this.#scratch, value);
  }

  deserialize(bytes: Uint8Array): number {
    return readLong(asBuffer(bytes), 0, bytes.length);
  }
}

function writeLong(bytes: Buffer, value: number): Buffer {
  if (!Number.isSafeInteger(value)) refuse('a whole number up to 2^53', value);
  writeInt64(bytes, 0, value);
  return bytes;
}

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

const fixed = <T>(format: string, codec: Codec<T>): Serde<T> => Object.freeze({ format, open: () => codec });

export const stringSerde: Serde<string> = Object.freeze({ format: 'string', open: () => new StringCodec() });
export const bytesSerde: Serde<Uint8Array> = fixed('bytes', bytesCodec);
export const longSerde: Serde<number> = Object.freeze({ format: 'long', open: () => new LongCodec() });
export const intSerde: Serde<number> = fixed('int', intCodec);
export const doubleSerde: Serde<number> = fixed('double', doubleCodec);
export const noneSerde: Serde<null> = fixed('none', noneCodec);

import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import { Scratch } from '../internal/scratch.ts';
import type { Codec, Serde, SerdeContext } from './serde.ts';
import { encode, formatWithin } from './serde.ts';
import { Windowed } from './windowed.ts';

/**
 * Keys of time windows as Kafka Streams writes them into topics: key, then start (8 bytes, big-endian). The end is not written: a reader has to know the
 * window's size.
 */
export function timeWindowedSerde<K>(key: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  const format = formatWithin('windows', key);
  return { format, open: (context) => timeWindowedCodec(key.open(context), sizeMs) };
}

/** Keys of session windows as Kafka Streams writes them: key, then end, then start (8 bytes each, big-endian). */
export function sessionWindowedSerde<K>(key: Serde<K>): Serde<Windowed<K>> {
  const format = formatWithin('sessions', key);
  return { format, open: (context: SerdeContext) => sessionWindowedCodec(key.open(context)) };
}

function timeWindowedCodec<K>(inner: Codec<K>, sizeMs: number): Codec<Windowed<K>> {
  const scratch = new Scratch();
  const serializeReusing = ({ key, startMs }: Windowed<K>): Buffer => {
    const keyBytes = encode(inner, key);
    const { length } = keyBytes;
    const bytes = scratch.begin(keyBytes, 8);
    writeInt64(bytes, length, startMs);
    return scratch.view(length + 8);
  };
  return {
    serialize: (windowed) => Buffer.from(serializeReusing(windowed)),
    serializeReusing,
    deserialize(bytes) {
      const { buffer, keyEnd } = split(bytes, 8);
      const startMs = readInt64(buffer, keyEnd);
      return new Windowed(inner.deserialize(buffer.subarray(0, keyEnd)), startMs, startMs + sizeMs);
    },
    partitionBytes: (serialized) => serialized.length - 8,
    ...(inner.ready === undefined ? {} : { ready: inner.ready }),
  };
}

function sessionWindowedCodec<K>(inner: Codec<K>): Codec<Windowed<K>> {
  const scratch = new Scratch();
  const serializeReusing = ({ key, startMs, endMs }: Windowed<K>): Buffer => {
    const keyBytes = encode(inner, key);
    const { length } = keyBytes;
    const bytes = scratch.begin(keyBytes, 16);
    writeInt64(bytes, length, endMs);
    writeInt64(bytes, length + 8, startMs);
    return scratch.view(length + 16);
  };
  return {
    serialize: (windowed) => Buffer.from(serializeReusing(windowed)),
    serializeReusing,
    deserialize(bytes) {
      const { buffer, keyEnd } = split(bytes, 16);
      const key = inner.deserialize(buffer.subarray(0, keyEnd));
      return new Windowed(key, readInt64(buffer, keyEnd + 8), readInt64(buffer, keyEnd));
    },
    partitionBytes: (serialized) => serialized.length - 16,
    ...(inner.ready === undefined ? {} : { ready: inner.ready }),
  };
}

function split(bytes: Uint8Array, suffix: number): { buffer: Buffer; keyEnd: number } {
  if (bytes.length < suffix) {
    throw new SerdeError(`a windowed key ends with ${suffix} bytes of times, these are ${bytes.length} bytes in all`);
  }
  return {
    buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    keyEnd: bytes.length - suffix,
  };
}

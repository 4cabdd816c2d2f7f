import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import type { Header } from '../processor/headers.ts';
import type { RecordOrigin } from '../processor/record-origin.ts';

const TIME_FIRST_PREFIX = 0;
const KEY_HEAD_BYTES = 9;
const SEQUENCE_BYTES = 4;
const NULL_LENGTH = -1;

/** The changelog key of a grace buffer: 00 ‖ timestamp(8) ‖ key ‖ sequence(4). */
export function writeBufferKey(key: Uint8Array, timestamp: number, sequence: number): Uint8Array {
  const bytes = Buffer.alloc(KEY_HEAD_BYTES + key.length + SEQUENCE_BYTES);
  bytes[0] = TIME_FIRST_PREFIX;
  writeInt64(bytes, 1, timestamp);
  bytes.set(key, KEY_HEAD_BYTES);
  bytes.writeInt32BE(sequence, KEY_HEAD_BYTES + key.length);
  return bytes;
}

/** Throws `SerdeError` when it is too short. */
export function readBufferKey(bytes: Uint8Array): { key: Buffer; timestamp: number; sequence: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.length - SEQUENCE_BYTES;
  if (end < KEY_HEAD_BYTES) {
    throw new SerdeError(
      `a grace buffer's key has at least ${KEY_HEAD_BYTES + SEQUENCE_BYTES} bytes, this has ${buffer.length}`,
    );
  }
  return {
    key: buffer.subarray(KEY_HEAD_BYTES, end),
    timestamp: readInt64(buffer, 1),
    sequence: buffer.readInt32BE(end),
  };
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  writeInt64(bytes, 0, value);
  return bytes;
};

const sized = (bytes: Uint8Array | null): Uint8Array[] =>
  bytes === null ? [int32(NULL_LENGTH)] : [int32(bytes.length), bytes];

/** The changelog value of a grace buffer: timestamp, offset, topic, partition, headers, then a prior value and an old value (none), the value, and a buffer time that is always 0. */
export function writeBufferValue(origin: RecordOrigin, value: Uint8Array): Uint8Array {
  const { timestamp, offset, topic, partition, headers } = origin;
  return Buffer.concat([
    int64(timestamp),
    int64(offset),
    ...sized(Buffer.from(topic)),
    int32(partition),
    int32(headers.length),
    ...headers.flatMap((header) => [...sized(Buffer.from(header.key)), ...sized(header.value)]),
    ...sized(null),
    ...sized(null),
    ...sized(value),
    int64(0),
  ]);
}

/** Reads one field after the other. */
class Cursor {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int32(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  int64(): number {
    this.#at += 8;
    return readInt64(this.#buffer, this.#at - 8);
  }

  sized(): Buffer | null {
    const length = this.int32();
    if (length < 0) return null;
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }
}

/** Throws `SerdeError` for one without a value; its bytes are views of `bytes`, headers are copied. */
export function readBufferValue(bytes: Uint8Array): { origin: RecordOrigin; value: Buffer } {
  const cursor = new Cursor(bytes);
  const timestamp = cursor.int64();
  const offset = cursor.int64();
  const topic = cursor.sized()?.toString() ?? '';
  const partition = cursor.int32();
  const headers: Header[] = [];
  for (let left = cursor.int32(); left > 0; left--) {
    const key = cursor.sized()?.toString() ?? '';
    const value = cursor.sized();
    headers.push({ key, value: value === null ? null : Buffer.from(value) });
  }
  cursor.sized();
  cursor.sized();
  const value = cursor.sized();
  if (value === null) throw new SerdeError('a record in a grace buffer has no value');
  return { origin: { timestamp, offset, topic, partition, headers }, value };
}

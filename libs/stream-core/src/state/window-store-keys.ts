import { SerdeError } from '../errors.ts';
import { Scratch } from '../internal/scratch.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';

/** Bytes after the key in a window store's changelog: start (8) and sequence (4). */
export const WINDOW_KEY_SUFFIX_BYTES = 12;

/** The changelog key of a window store as Kafka Streams writes it: key ‖ start(8) ‖ sequence(4), big-endian. */
export class WindowKeyWriter {
  readonly #scratch = new Scratch();

  /** The result is valid until the next call. */
  write(key: Uint8Array, startMs: number, sequence: number): Uint8Array {
    const { length } = key;
    const bytes = this.#scratch.begin(key, WINDOW_KEY_SUFFIX_BYTES);
    writeInt64(bytes, length, startMs);
    bytes.writeInt32BE(sequence, length + 8);
    return this.#scratch.view(length + WINDOW_KEY_SUFFIX_BYTES);
  }
}

/** Splits a changelog key of a window store. Throws `SerdeError` when it is too short. */
export function readWindowKey(bytes: Uint8Array): { key: Uint8Array; startMs: number } {
  const keyLength = bytes.length - WINDOW_KEY_SUFFIX_BYTES;
  if (keyLength < 0) {
    throw new SerdeError(
      `a window store's key ends with ${WINDOW_KEY_SUFFIX_BYTES} bytes, this has ${bytes.length} in all`,
    );
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { key: buffer.subarray(0, keyLength), startMs: readInt64(buffer, keyLength) };
}

/** The sequence number at the end of a changelog key of a window store: 0, or a counter where a store keeps several records of one key and time. */
export function readWindowKeySequence(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readInt32BE(bytes.length - 4);
}

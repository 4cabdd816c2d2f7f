import { SerdeError } from '../errors.ts';
import { readInt64, writeInt64 } from '../internal/int64.ts';
import { Scratch } from '../internal/scratch.ts';

/** Bytes after the key in a session store's changelog: end (8) and start (8). */
const SESSION_KEY_SUFFIX_BYTES = 16;

/** The changelog key of a session store as Kafka Streams writes it: key ‖ end(8) ‖ start(8), big-endian. */
export class SessionKeyWriter {
  readonly #scratch = new Scratch();

  /** The result is valid until the next call. */
  write(key: Uint8Array, startMs: number, endMs: number): Uint8Array {
    const { length } = key;
    const bytes = this.#scratch.reserve(length + SESSION_KEY_SUFFIX_BYTES);
    bytes.set(key);
    writeInt64(bytes, length, endMs);
    writeInt64(bytes, length + 8, startMs);
    return this.#scratch.view(length + SESSION_KEY_SUFFIX_BYTES);
  }
}

/** Splits a changelog key of a session store. Throws `SerdeError` when it is too short. */
export function readSessionKey(bytes: Uint8Array): { key: Uint8Array; startMs: number; endMs: number } {
  const keyLength = bytes.length - SESSION_KEY_SUFFIX_BYTES;
  if (keyLength < 0) {
    throw new SerdeError(
      `a session store's key ends with ${SESSION_KEY_SUFFIX_BYTES} bytes, this has ${bytes.length} in all`,
    );
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    key: buffer.subarray(0, keyLength),
    startMs: readInt64(buffer, keyLength + 8),
    endMs: readInt64(buffer, keyLength),
  };
}

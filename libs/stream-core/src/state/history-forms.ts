import { readInt64, writeInt64 } from '../internal/int64.ts';
import { encode, type Codec } from '../serde/serde.ts';
import type { Version } from './version-history.ts';

const VERSION_HEAD_BYTES = 12;
const NO_VALUE = -1;

/** The versions of a key in bytes, oldest first, each: timestamp(8) ‖ length(4), −1 for a delete ‖ value. */
export function writeHistory<V>(versions: readonly Version<V>[], codec: Codec<V>): Buffer {
  return Buffer.concat(
    versions.map(({ timestamp, value }) => {
      const bytes = value === null ? null : encode(codec, value);
      const part = Buffer.alloc(VERSION_HEAD_BYTES + (bytes?.length ?? 0));
      writeInt64(part, 0, timestamp);
      part.writeInt32BE(bytes?.length ?? NO_VALUE, 8);
      if (bytes !== null) part.set(bytes, VERSION_HEAD_BYTES);
      return part;
    }),
  );
}

/** Throws as the codec does. */
export function readHistory<V>(bytes: Uint8Array, codec: Codec<V>): Version<V>[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const versions: Version<V>[] = [];
  for (let at = 0; at < buffer.length;) {
    const timestamp = readInt64(buffer, at);
    const length = buffer.readInt32BE(at + 8);
    at += VERSION_HEAD_BYTES;
    const end = at + Math.max(0, length);
    versions.push({ timestamp, value: length === NO_VALUE ? null : codec.deserialize(buffer.subarray(at, end)) });
    at = end;
  }
  return versions;
}

import { BATCH_HEADER_BYTES } from '@playhead/kafka-protocol';

/** What a walk over the records of an uncompressed batch found. */
export interface RecordShape {
  /** Every record's length adds up to the batch's end, and there are as many as the header says. */
  readonly wellFormed: boolean;
  /** The records without a key, by their place in the batch. */
  readonly keyless: readonly number[];
}

const MALFORMED: RecordShape = { wellFormed: false, keyless: [] };
const MAX_VARINT_BYTES = 5;
const MAX_VARLONG_BYTES = 10;

/**
 * Steps over the records of an uncompressed batch by their lengths, without decoding them: what was accepted here can be walked by every reader.
 * Keys are looked at only if `wantKeys`.
 */
export function checkRecords(batch: Buffer, recordCount: number, wantKeys: boolean): RecordShape {
  let position = BATCH_HEADER_BYTES;
  const keyless: number[] = [];
  for (let i = 0; i < recordCount; i++) {
    const lengthBytes = varintBytes(batch, position, MAX_VARINT_BYTES);
    if (lengthBytes === 0) return MALFORMED;
    const length = zigzag(batch, position, lengthBytes);
    const start = position + lengthBytes;
    position = start + length;
    if (length <= 0 || position > batch.length) return MALFORMED;
    if (wantKeys) {
      const keyLength = keyLengthOf(batch, start);
      if (keyLength === null) return MALFORMED;
      if (keyLength < 0) keyless.push(i);
    }
  }
  return { wellFormed: position === batch.length, keyless };
}

/** The key's length of the record whose body starts here (−1 is null), or null where it cannot be read. */
function keyLengthOf(batch: Buffer, recordStart: number): number | null {
  let at = recordStart + 1;
  for (const maxBytes of [MAX_VARLONG_BYTES, MAX_VARINT_BYTES]) {
    const bytes = varintBytes(batch, at, maxBytes);
    if (bytes === 0) return null;
    at += bytes;
  }
  const bytes = varintBytes(batch, at, MAX_VARINT_BYTES);
  return bytes === 0 ? null : zigzag(batch, at, bytes);
}

function varintBytes(batch: Buffer, at: number, maxBytes: number): number {
  for (let i = 0; i < maxBytes; i++) {
    const byte = batch[at + i];
    if (byte === undefined) return 0;
    if (byte < 0x80) return i + 1;
  }
  return 0;
}

function zigzag(batch: Buffer, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value |= ((batch[at + i] ?? 0) & 0x7f) << (7 * i);
  return (value >>> 1) ^ -(value & 1);
}

import { BATCH_HEADER_BYTES, BatchOffset, isBatchCrcValid } from '@playhead/kafka-protocol';

const WINDOW_BYTES = 1024 * 1024;
/** A length beyond any frame the broker takes is damage, not a batch to allocate for. */
const MAX_BATCH_BYTES = 128 * 1024 * 1024;
/** Bytes before the part that a batch's length counts. */
const LENGTH_OVERHEAD = 12;
const MAGIC = 2;
const TWO_TO_32 = 2 ** 32;

/** Something with bytes at positions: a log file. */
export interface ByteSource {
  /** Reads up to the buffer's length; answers how many bytes there were. */
  read(into: Buffer, position: number): number;
}

/** A batch found by the scan: it starts at `at` in `bytes`, which is valid during the call only. */
export type BatchVisitor = (bytes: Buffer, at: number, totalBytes: number) => void;

/** Bytes of the batch that starts at `at`, as its header says. */
export function batchBytesAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at + BatchOffset.LENGTH) + LENGTH_OVERHEAD;
}

function baseOffsetAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4);
}

/** The last offset of the batch that starts at `at`. */
export function lastOffsetAt(bytes: Buffer, at: number): number {
  return baseOffsetAt(bytes, at) + bytes.readInt32BE(at + BatchOffset.LAST_OFFSET_DELTA);
}

/**
 * Walks the batches of a log file from a position and stops at the first that is torn, damaged or out of order.
 * Answers the position after the last sound batch.
 */
export function scanBatches(source: ByteSource, from: number, firstOffset: number, visit: BatchVisitor): number {
  let bytes = Buffer.allocUnsafe(WINDOW_BYTES);
  let position = from;
  let nextOffset = firstOffset;
  for (;;) {
    const length = source.read(bytes, position);
    let at = 0;
    let needed = BATCH_HEADER_BYTES;
    while (length - at >= BATCH_HEADER_BYTES) {
      needed = batchBytesAt(bytes, at);
      if (needed < BATCH_HEADER_BYTES || needed > MAX_BATCH_BYTES || bytes[at + BatchOffset.MAGIC] !== MAGIC)
        return position + at;
      if (needed > length - at) break;
      if (!isSound(bytes, at, needed, nextOffset)) return position + at;
      visit(bytes, at, needed);
      nextOffset = lastOffsetAt(bytes, at) + 1;
      at += needed;
      needed = BATCH_HEADER_BYTES;
    }
    position += at;
    // A short read is the file's end: what is left of it is no whole batch.
    if (length < bytes.length) return position;
    if (needed > bytes.length) bytes = Buffer.allocUnsafe(needed);
  }
}

/** Whether the whole batch at `at` is undamaged and has no offset below `firstOffset`; the caller has made sure that its bytes are there. */
function isSound(bytes: Buffer, at: number, totalBytes: number, firstOffset: number): boolean {
  return (
    baseOffsetAt(bytes, at) >= firstOffset &&
    bytes.readInt32BE(at + BatchOffset.LAST_OFFSET_DELTA) >= 0 &&
    isBatchCrcValid(bytes, at, totalBytes)
  );
}

/**
 * The fixed part of a record batch, version 2 (KIP-98), read in place:
 *
 *   0 baseOffset i64 · 8 batchLength i32 · 12 partitionLeaderEpoch i32 · 16 magic i8 · 17 crc u32 · 21 attributes i16 · 23 lastOffsetDelta i32
 *   27 baseTimestamp i64 · 35 maxTimestamp i64 · 43 producerId i64 · 51 producerEpoch i16 · 53 baseSequence i32 · 57 recordCount i32 · 61 records
 *
 * The checksum covers byte 21 to the end, so a broker may rewrite base offset and leader epoch without touching it.
 */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before the part that `batchLength` counts. */
export const BATCH_LENGTH_END = 12;
export const CRC_START = 21;
/** The only batch format the broker stores. */
export const BATCH_MAGIC = 2;

const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const TWO_TO_32 = 2 ** 32;

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4);
}

function writeInt64(bytes: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_TO_32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * TWO_TO_32, at + 4);
}

/** Accessors of a batch that starts at `at`; the caller has checked that the header is there. Offsets and ids are exact to 2^53. */
export const batchHeader = {
  baseOffset: readInt64,
  /** Bytes of the whole batch, from its first one to the next batch's. */
  totalBytes: (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 8) + BATCH_LENGTH_END,
  leaderEpoch: (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 12),
  magic: (bytes: Buffer, at: number): number => bytes.readInt8(at + 16),
  crc: (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + 17),
  compression: (bytes: Buffer, at: number): number => bytes.readInt16BE(at + 21) & COMPRESSION_MASK,
  isTransactional: (bytes: Buffer, at: number): boolean => (bytes.readInt16BE(at + 21) & TRANSACTIONAL_BIT) !== 0,
  isControl: (bytes: Buffer, at: number): boolean => (bytes.readInt16BE(at + 21) & CONTROL_BIT) !== 0,
  lastOffsetDelta: (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 23),
  baseTimestamp: (bytes: Buffer, at: number): number => readInt64(bytes, at + 27),
  maxTimestamp: (bytes: Buffer, at: number): number => readInt64(bytes, at + 35),
  producerId: (bytes: Buffer, at: number): number => readInt64(bytes, at + 43),
  producerEpoch: (bytes: Buffer, at: number): number => bytes.readInt16BE(at + 51),
  baseSequence: (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 53),
  recordCount: (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 57),
} as const;

/** Gives a received batch its place in the log: outside the checksum, so nothing else changes. */
export function placeBatch(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, baseOffset, 0);
  batch.writeInt32BE(leaderEpoch, 12);
}

/** Marks a batch as stamped by the broker (`message.timestamp.type=LogAppendTime`); the caller renews the checksum with {@link writeCrc}. */
export function stampAppendTime(batch: Buffer, timestampMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(21) | LOG_APPEND_TIME_BIT, 21);
  writeInt64(batch, timestampMs, 35);
}

/** Stores a checksum that the caller computed over the bytes from {@link CRC_START} on. */
export function writeCrc(batch: Buffer, crc: number): void {
  batch.writeUInt32BE(crc, 17);
}

import { CorruptBatchError } from '../errors.ts';
import { crc32c } from './crc32c.ts';

// RecordBatch v2 (KIP-98):
//
//   0 baseOffset int64 | 8 batchLength int32 (from 12 on) | 12 partitionLeaderEpoch int32 | 16 magic int8 = 2 | 17 crc uint32 (CRC-32C from 21 on)
//  21 attributes int16 | 23 lastOffsetDelta int32 | 27 baseTimestamp int64 | 35 maxTimestamp int64
//  43 producerId int64 | 51 producerEpoch int16    | 53 baseSequence int32  | 57 recordCount int32 | 61 records
//
// Base offset and leader epoch lie outside the checksum, so that a broker may set them in a batch it received.

/** Bytes of a batch before its first record. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes of a batch that its length field does not count: base offset and the length itself. */
export const BATCH_LENGTH_OVERHEAD = 12;

/** Where the fields of a batch's header lie. */
export const BatchOffset = {
  BASE_OFFSET: 0,
  LENGTH: 8,
  PARTITION_LEADER_EPOCH: 12,
  MAGIC: 16,
  CRC: 17,
  ATTRIBUTES: 21,
  LAST_OFFSET_DELTA: 23,
  BASE_TIMESTAMP: 27,
  MAX_TIMESTAMP: 35,
  PRODUCER_ID: 43,
  PRODUCER_EPOCH: 51,
  BASE_SEQUENCE: 53,
  RECORD_COUNT: 57,
} as const;

/** Bits of a batch's attributes. With DELETE_HORIZON the base timestamp says from when on its tombstones, or its transaction marker, may go (KIP-534). */
export const BatchAttribute = {
  COMPRESSION: 0x07,
  LOG_APPEND_TIME: 0x08,
  TRANSACTIONAL: 0x10,
  CONTROL: 0x20,
  DELETE_HORIZON: 0x40,
} as const;

const MAGIC = 2;
const TWO_TO_32 = 2 ** 32;

/** A batch's header as an object: for what happens once a batch, such as a broker's checks. */
export interface RecordBatchHeader {
  readonly baseOffset: number;
  /** baseOffset + lastOffsetDelta. */
  readonly lastOffset: number;
  /** The whole batch, from its base offset to its last record. */
  readonly sizeInBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly crc: number;
  readonly attributes: number;
  /** Codec number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1: the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** Reads an int64 as a number, exact up to 2^53. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_TO_32 + buffer.readUInt32BE(at + 4);
}

/** Writes a number as an int64, exact up to 2^53. */
export function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_TO_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_TO_32, at + 4);
}

/**
 * The size in bytes of the batch at `start`, or -1 when the buffer ends before the batch does.
 * Throws {@link CorruptBatchError} when the length is smaller than a header or the magic is not 2.
 */
export function batchSizeAt(buffer: Buffer, start: number): number {
  const available = buffer.length - start;
  if (available < BatchOffset.PARTITION_LEADER_EPOCH) return -1;
  const size = buffer.readInt32BE(start + BatchOffset.LENGTH) + BATCH_LENGTH_OVERHEAD;
  if (size < BATCH_HEADER_BYTES) {
    throw new CorruptBatchError(
      `batch of ${size} bytes at byte ${start}, a header alone has ${BATCH_HEADER_BYTES}`,
      readInt64(buffer, start),
    );
  }
  if (available > BatchOffset.MAGIC && buffer[start + BatchOffset.MAGIC] !== MAGIC) {
    throw new CorruptBatchError(
      `batch of magic ${buffer[start + BatchOffset.MAGIC]} at byte ${start}, only 2 is supported`,
      readInt64(buffer, start),
    );
  }
  return size > available ? -1 : size;
}

/** Reads the header of the batch at `start`; undefined when the buffer ends before the batch does. Throws as {@link batchSizeAt}. */
export function readBatchHeader(buffer: Buffer, start = 0): RecordBatchHeader | undefined {
  const sizeInBytes = batchSizeAt(buffer, start);
  if (sizeInBytes < 0) return undefined;
  const attributes = buffer.readInt16BE(start + BatchOffset.ATTRIBUTES);
  const baseOffset = readInt64(buffer, start);
  const lastOffsetDelta = buffer.readInt32BE(start + BatchOffset.LAST_OFFSET_DELTA);
  return {
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    sizeInBytes,
    partitionLeaderEpoch: buffer.readInt32BE(start + BatchOffset.PARTITION_LEADER_EPOCH),
    crc: buffer.readUInt32BE(start + BatchOffset.CRC),
    attributes,
    compression: attributes & BatchAttribute.COMPRESSION,
    isLogAppendTime: (attributes & BatchAttribute.LOG_APPEND_TIME) !== 0,
    isTransactional: (attributes & BatchAttribute.TRANSACTIONAL) !== 0,
    isControl: (attributes & BatchAttribute.CONTROL) !== 0,
    lastOffsetDelta,
    baseTimestamp: readInt64(buffer, start + BatchOffset.BASE_TIMESTAMP),
    maxTimestamp: readInt64(buffer, start + BatchOffset.MAX_TIMESTAMP),
    producerId: readInt64(buffer, start + BatchOffset.PRODUCER_ID),
    producerEpoch: buffer.readInt16BE(start + BatchOffset.PRODUCER_EPOCH),
    baseSequence: buffer.readInt32BE(start + BatchOffset.BASE_SEQUENCE),
    recordCount: buffer.readInt32BE(start + BatchOffset.RECORD_COUNT),
  };
}

/** Whether the checksum of the whole batch at `start` is right. */
export function isBatchCrcValid(buffer: Buffer, start: number, sizeInBytes: number): boolean {
  return (
    crc32c(buffer, start + BatchOffset.ATTRIBUTES, start + sizeInBytes) === buffer.readUInt32BE(start + BatchOffset.CRC)
  );
}

/** Gives a received batch its place in a log, in place and without touching the checksum. */
export function placeBatch(buffer: Buffer, start: number, baseOffset: number, partitionLeaderEpoch: number): void {
  writeInt64(buffer, baseOffset, start);
  buffer.writeInt32BE(partitionLeaderEpoch, start + BatchOffset.PARTITION_LEADER_EPOCH);
}

/** Marks a batch as stamped by the broker (LogAppendTime) at `timestampMs`, in place, and renews its checksum. */
export function stampBatch(buffer: Buffer, start: number, sizeInBytes: number, timestampMs: number): void {
  const attributes = buffer.readInt16BE(start + BatchOffset.ATTRIBUTES);
  buffer.writeInt16BE(attributes | BatchAttribute.LOG_APPEND_TIME, start + BatchOffset.ATTRIBUTES);
  writeInt64(buffer, timestampMs, start + BatchOffset.MAX_TIMESTAMP);
  buffer.writeUInt32BE(crc32c(buffer, start + BatchOffset.ATTRIBUTES, start + sizeInBytes), start + BatchOffset.CRC);
}

import { CorruptBatchError } from '../errors.ts';
import {
  BatchAttribute,
  BatchOffset,
  BATCH_HEADER_BYTES,
  batchSizeAt,
  isBatchCrcValid,
  readInt64,
} from './batch-header.ts';
import { decompress, MAX_DECOMPRESSED_BYTES } from './compression.ts';

/** The kind of a control record (KIP-98). */
export const ControlType = { ABORT: 0, COMMIT: 1 } as const;

const EMPTY = Buffer.alloc(0);
const TWO_TO_27 = 2 ** 27;

/** Settings of a {@link RecordCursor}. */
export interface RecordCursorOptions {
  /** Most bytes a compressed batch may grow to; more is a {@link CorruptBatchError}. */
  readonly maxDecompressedBytes?: number;
}

/**
 * Walks a buffer of record batches without an object per record: `nextBatch()` until false and, in each batch, `next()` until false.
 *
 * The fields describe the present batch and the present record; key and value are positions in `bytes` (-1 for null), which is the buffer itself or,
 * for a compressed batch, its decompressed records. `bytes` changes from batch to batch, so read it anew for each.
 * A batch that the buffer ends within (fetches cut batches off) is not seen. Records are opened at the first `next()`, so walking headers alone
 * decompresses nothing. Throws {@link CorruptBatchError} where lengths contradict each other and UnsupportedCompressionError for a codec that does not exist.
 */
export class RecordCursor {
  // The present batch.
  baseOffset = -1;
  lastOffset = -1;
  partitionLeaderEpoch = -1;
  /** Codec number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  compression = 0;
  isLogAppendTime = false;
  isTransactional = false;
  isControl = false;
  baseTimestamp = -1;
  maxTimestamp = -1;
  producerId = -1;
  producerEpoch = -1;
  baseSequence = -1;
  recordCount = 0;
  /** The present batch is `buffer[batchStart, batchEnd)` of the buffer given to `reset`. */
  batchStart = 0;
  batchEnd = 0;

  // The present record.
  /** What the positions below point into. */
  bytes: Buffer = EMPTY;
  offset = -1;
  /** Milliseconds since the epoch; with LogAppendTime the broker's. */
  timestamp = -1;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  headerCount = 0;

  // The present header of the record.
  headerKeyStart = -1;
  headerKeyEnd = -1;
  headerValueStart = -1;
  headerValueEnd = -1;

  readonly #maxDecompressedBytes: number;
  #buffer: Buffer = EMPTY;
  #opened = false;
  #unread = 0;
  #position = 0;
  #end = 0;
  #headerPosition = 0;
  #recordEnd = 0;
  #unreadHeaders = 0;

  constructor(options: RecordCursorOptions = {}) {
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES;
  }

  /** Starts before the first batch of `buffer`. Answers itself. */
  reset(buffer: Buffer): this {
    this.#buffer = buffer;
    this.bytes = buffer;
    this.batchStart = 0;
    this.batchEnd = 0;
    this.recordCount = 0;
    this.#unread = 0;
    this.#opened = true;
    this.#position = 0;
    this.#end = 0;
    return this;
  }

  /** Moves to the next batch, read or not read the present one; false when no whole batch is left. */
  nextBatch(): boolean {
    const buffer = this.#buffer;
    const start = this.batchEnd;
    const size = batchSizeAt(buffer, start);
    if (size < 0) return false;
    const attributes = buffer.readInt16BE(start + BatchOffset.ATTRIBUTES);
    const lastOffsetDelta = buffer.readInt32BE(start + BatchOffset.LAST_OFFSET_DELTA);
    this.batchStart = start;
    this.batchEnd = start + size;
    this.baseOffset = readInt64(buffer, start);
    this.lastOffset = this.baseOffset + lastOffsetDelta;
    this.partitionLeaderEpoch = buffer.readInt32BE(start + BatchOffset.PARTITION_LEADER_EPOCH);
    this.compression = attributes & BatchAttribute.COMPRESSION;
    this.isLogAppendTime = (attributes & BatchAttribute.LOG_APPEND_TIME) !== 0;
    this.isTransactional = (attributes & BatchAttribute.TRANSACTIONAL) !== 0;
    this.isControl = (attributes & BatchAttribute.CONTROL) !== 0;
    this.baseTimestamp = readInt64(buffer, start + BatchOffset.BASE_TIMESTAMP);
    this.maxTimestamp = readInt64(buffer, start + BatchOffset.MAX_TIMESTAMP);
    this.producerId = readInt64(buffer, start + BatchOffset.PRODUCER_ID);
    this.producerEpoch = buffer.readInt16BE(start + BatchOffset.PRODUCER_EPOCH);
    this.baseSequence = buffer.readInt32BE(start + BatchOffset.BASE_SEQUENCE);
    this.recordCount = buffer.readInt32BE(start + BatchOffset.RECORD_COUNT);
    if (this.recordCount < 0 || lastOffsetDelta < 0) {
      throw this.#corrupt(`${this.recordCount} records up to offset delta ${lastOffsetDelta}`);
    }
    this.#unread = this.recordCount;
    this.#opened = false;
    return true;
  }

  /** Moves to the next record of the present batch; false after its last. */
  next(): boolean {
    if (!this.#opened) this.#open();
    if (this.#unread === 0) {
      if (this.#position !== this.#end)
        throw this.#corrupt(`${this.#end - this.#position} bytes after the last record`);
      return false;
    }
    this.#unread--;
    const length = this.#varint();
    const recordEnd = this.#position + length;
    if (length < 0 || recordEnd > this.#end)
      throw this.#corrupt(`record of ${length} bytes with ${this.#end - this.#position} left`);
    this.#position++; // The record's attributes: no bit of them is in use.
    const timestampDelta = this.#varlong();
    this.timestamp = this.isLogAppendTime ? this.maxTimestamp : this.baseTimestamp + timestampDelta;
    this.offset = this.baseOffset + this.#varint();

    const keyLength = this.#varint();
    this.keyStart = keyLength < 0 ? -1 : this.#position;
    if (keyLength > 0) this.#position += keyLength;
    this.keyEnd = keyLength < 0 ? -1 : this.#position;
    if (this.#position > recordEnd) throw this.#corrupt(`key of ${keyLength} bytes ends after its record`);

    const valueLength = this.#varint();
    this.valueStart = valueLength < 0 ? -1 : this.#position;
    if (valueLength > 0) this.#position += valueLength;
    this.valueEnd = valueLength < 0 ? -1 : this.#position;
    if (this.#position > recordEnd) throw this.#corrupt(`value of ${valueLength} bytes ends after its record`);

    this.headerCount = this.#varint();
    if (this.headerCount < 0 || this.#position > recordEnd) throw this.#corrupt(`${this.headerCount} headers`);
    this.#unreadHeaders = this.headerCount;
    this.#headerPosition = this.#position;
    this.#recordEnd = recordEnd;
    this.#position = recordEnd;
    return true;
  }

  /** Moves to the next header of the present record; false after its last. */
  nextHeader(): boolean {
    if (this.#unreadHeaders === 0) return false;
    this.#unreadHeaders--;
    const resume = this.#position;
    this.#position = this.#headerPosition;
    const keyLength = this.#varint();
    this.headerKeyStart = this.#position;
    this.#position += keyLength;
    this.headerKeyEnd = this.#position;
    if (keyLength < 0 || this.#position > this.#recordEnd) throw this.#corrupt(`header key of ${keyLength} bytes`);
    const valueLength = this.#varint();
    this.headerValueStart = valueLength < 0 ? -1 : this.#position;
    if (valueLength > 0) this.#position += valueLength;
    this.headerValueEnd = valueLength < 0 ? -1 : this.#position;
    if (this.#position > this.#recordEnd) throw this.#corrupt(`header value of ${valueLength} bytes`);
    this.#headerPosition = this.#position;
    this.#position = resume;
    return true;
  }

  /** Whether the present batch's checksum is right. Costs about 0.1 µs a record: ask once a batch, where it matters. */
  crcValid(): boolean {
    return isBatchCrcValid(this.#buffer, this.batchStart, this.batchEnd - this.batchStart);
  }

  /** Of the present record of a control batch: {@link ControlType}, or another number that readers ignore. */
  controlType(): number {
    if (this.keyEnd - this.keyStart < 4) throw this.#corrupt('a control record without version and type');
    return this.bytes.readInt16BE(this.keyStart + 2);
  }

  #open(): void {
    this.#opened = true;
    if (this.compression === 0) {
      this.bytes = this.#buffer;
      this.#position = this.batchStart + BATCH_HEADER_BYTES;
      this.#end = this.batchEnd;
      return;
    }
    const records = this.#buffer.subarray(this.batchStart + BATCH_HEADER_BYTES, this.batchEnd);
    this.bytes = decompress(this.compression, records, this.#maxDecompressedBytes, this.baseOffset);
    this.#position = 0;
    this.#end = this.bytes.length;
  }

  // Both read past the record's end at most by their own length: what is there reads as zeros or another record's bytes, and the caller's bound check refuses it.

  #varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#position++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.#position++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
      if (byte === undefined) break;
    }
    throw this.#corrupt('a varint that does not fit 32 bits');
  }

  #varlong(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#position++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = bytes[this.#position++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    let high = 0;
    let factor = 1;
    for (let i = 4; i < 10; i++) {
      byte = bytes[this.#position++] as number;
      high += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        // The sign bit is the lowest: halving before the sum keeps every safe integer exact.
        const half = high * TWO_TO_27 + (low >>> 1);
        return (low & 1) === 0 ? half : -half - 1;
      }
      factor *= 128;
    }
    throw this.#corrupt('a varlong that does not fit 64 bits');
  }

  #corrupt(what: string): CorruptBatchError {
    return new CorruptBatchError(`corrupt batch at offset ${this.baseOffset}: ${what}`, this.baseOffset);
  }
}

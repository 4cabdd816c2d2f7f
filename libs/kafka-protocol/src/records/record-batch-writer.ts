import { BatchAttribute, BatchOffset, BATCH_HEADER_BYTES, BATCH_LENGTH_OVERHEAD, writeInt64 } from './batch-header.ts';
import { compress, compressionCode, type Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';
import {
  headersSize,
  lengthOf,
  MAX_VARINT_BYTES,
  sizeWithLength,
  varintSize,
  varlongSize,
  writeHeaders,
  writeVarint,
  writeVarlong,
  writeWithLength,
  type RecordHeader,
} from './record-encoding.ts';

/** What {@link RecordBatchWriter.seal} puts into the batch's header. */
export interface SealOptions {
  /** Default 0: a broker sets it. */
  readonly baseOffset?: number;
  /** Default -1: a broker sets it. */
  readonly partitionLeaderEpoch?: number;
  /** Default -1: not idempotent. */
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly compression?: Compression;
}

const MAGIC = 2;
const DEFAULT_INITIAL_BYTES = 16 * 1024;

/**
 * Writes records into one growing buffer as a RecordBatch v2. `append` copies; nothing is allocated per record.
 * `seal` fills the header in and answers the batch, a view of the writer's own memory until `reset` (a compressed one is a buffer of its own).
 * It may be sealed again, with another sequence for example, and appended to further.
 */
export class RecordBatchWriter {
  #buffer: Buffer;
  #position = BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestamp = -1;
  #maxTimestamp = -1;

  constructor(initialBytes: number = DEFAULT_INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BATCH_HEADER_BYTES, initialBytes));
  }

  /** Records appended. */
  get count(): number {
    return this.#count;
  }

  /** What the batch has now, header included, before compression. */
  get sizeInBytes(): number {
    return this.#position;
  }

  /** The first record's timestamp, -1 before it. */
  get baseTimestamp(): number {
    return this.#baseTimestamp;
  }

  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  /** Appends a record. Strings are written as UTF-8; `timestamp` is in milliseconds. */
  append(
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers?: readonly RecordHeader[],
  ): void {
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp;
      this.#maxTimestamp = timestamp;
    } else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const timestampDelta = timestamp - this.#baseTimestamp;
    const index = this.#count;
    const keyLength = lengthOf(key);
    const valueLength = lengthOf(value);
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(index) +
      sizeWithLength(keyLength) +
      sizeWithLength(valueLength) +
      headersSize(headers);

    // The position is kept in a local: this is the hottest code of the producing side.
    const buffer = this.#reserve(length + MAX_VARINT_BYTES);
    let at = writeVarint(buffer, this.#position, length);
    buffer[at++] = 0; // The record's attributes: no bit of them is in use.
    at = writeVarlong(buffer, at, timestampDelta);
    at = writeVarint(buffer, at, index);
    at = writeWithLength(buffer, at, key, keyLength);
    at = writeWithLength(buffer, at, value, valueLength);
    if (headers === undefined) buffer[at++] = 0;
    else at = writeHeaders(buffer, at, headers);
    this.#position = at;
    this.#count = index + 1;
  }

  /** The batch as it goes into a produce request or a log. Throws RangeError when nothing was appended. */
  seal(options: SealOptions = {}): Buffer {
    if (this.#count === 0) throw new RangeError('an empty batch cannot be sealed');
    const { compression = 'none' } = options;
    const batch =
      compression === 'none'
        ? this.#buffer.subarray(0, this.#position)
        : Buffer.concat([
            this.#buffer.subarray(0, BATCH_HEADER_BYTES),
            compress(compression, this.#buffer.subarray(BATCH_HEADER_BYTES, this.#position)),
          ]);
    const attributes =
      compressionCode(compression) |
      (options.isTransactional === true ? BatchAttribute.TRANSACTIONAL : 0) |
      (options.isControl === true ? BatchAttribute.CONTROL : 0);
    writeInt64(batch, options.baseOffset ?? 0, BatchOffset.BASE_OFFSET);
    batch.writeInt32BE(batch.length - BATCH_LENGTH_OVERHEAD, BatchOffset.LENGTH);
    batch.writeInt32BE(options.partitionLeaderEpoch ?? -1, BatchOffset.PARTITION_LEADER_EPOCH);
    batch.writeInt8(MAGIC, BatchOffset.MAGIC);
    batch.writeInt16BE(attributes, BatchOffset.ATTRIBUTES);
    batch.writeInt32BE(this.#count - 1, BatchOffset.LAST_OFFSET_DELTA);
    writeInt64(batch, this.#baseTimestamp, BatchOffset.BASE_TIMESTAMP);
    writeInt64(batch, this.#maxTimestamp, BatchOffset.MAX_TIMESTAMP);
    writeInt64(batch, options.producerId ?? -1, BatchOffset.PRODUCER_ID);
    batch.writeInt16BE(options.producerEpoch ?? -1, BatchOffset.PRODUCER_EPOCH);
    batch.writeInt32BE(options.baseSequence ?? -1, BatchOffset.BASE_SEQUENCE);
    batch.writeInt32BE(this.#count, BatchOffset.RECORD_COUNT);
    batch.writeUInt32BE(crc32c(batch, BatchOffset.ATTRIBUTES, batch.length), BatchOffset.CRC);
    return batch;
  }

  /** Empties the writer and keeps its memory: batches sealed before without compression are overwritten by the next records. */
  reset(): void {
    this.#position = BATCH_HEADER_BYTES;
    this.#count = 0;
    this.#baseTimestamp = -1;
    this.#maxTimestamp = -1;
  }

  #reserve(length: number): Buffer {
    const needed = this.#position + length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#position);
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}

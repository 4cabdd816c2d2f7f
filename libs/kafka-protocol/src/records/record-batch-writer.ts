import { BatchAttribute, BatchOffset, BATCH_HEADER_BYTES, BATCH_LENGTH_OVERHEAD, writeInt64 } from './batch-header.ts';
import { compress, compressionCode, type Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';

/** A record's header; keys may repeat. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | string | null;
}

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
const TWO_TO_31 = 2 ** 31;
/** Below this a loop copies faster than the call into the runtime. */
const SMALL_COPY_BYTES = 24;

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
    const keyLength = lengthOf(key);
    const valueLength = lengthOf(value);
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(this.#count) +
      sizeWithLength(keyLength) +
      sizeWithLength(valueLength) +
      headersSize(headers);

    this.#reserve(length + 5);
    this.#varint(length);
    this.#buffer[this.#position++] = 0;
    this.#varlong(timestampDelta);
    this.#varint(this.#count);
    this.#bytes(key, keyLength);
    this.#bytes(value, valueLength);
    if (headers === undefined) this.#buffer[this.#position++] = 0;
    else this.#headers(headers);
    this.#count++;
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

  #headers(headers: readonly RecordHeader[]): void {
    this.#varint(headers.length);
    for (const { key, value } of headers) {
      this.#bytes(key, lengthOf(key));
      this.#bytes(value, lengthOf(value));
    }
  }

  #bytes(value: Uint8Array | string | null, length: number): void {
    this.#varint(length);
    if (length <= 0) return;
    const at = this.#position;
    this.#position = at + length;
    if (typeof value === 'string') this.#buffer.write(value, at, length, 'utf8');
    else if (value !== null) copyBytes(value, this.#buffer, at);
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      buffer[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.#position++] = rest;
  }

  #varlong(value: number): void {
    if (isInt31(value)) {
      this.#varint(value);
      return;
    }
    // Zigzag and the first seven bits in one step: doubling the whole value would lose a bit above 2^52.
    const magnitude = value >= 0 ? value : -value - 1;
    this.#buffer[this.#position++] = 0x80 | ((magnitude % 0x40) << 1) | (value >= 0 ? 0 : 1);
    let rest = Math.floor(magnitude / 0x40);
    while (rest > 0x7f) {
      this.#buffer[this.#position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#position++] = rest;
  }

  #reserve(length: number): void {
    const needed = this.#position + length;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }
}

function isInt31(value: number): boolean {
  return value < TWO_TO_31 && value >= -TWO_TO_31;
}

function lengthOf(value: Uint8Array | string | null): number {
  if (value === null) return -1;
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

/** Bytes of a length and of what it counts; the length of null is -1. */
function sizeWithLength(length: number): number {
  return length <= 0 ? 1 : varintSize(length) + length;
}

function headersSize(headers: readonly RecordHeader[] | undefined): number {
  if (headers === undefined) return 1;
  let size = varintSize(headers.length);
  for (const { key, value } of headers) size += sizeWithLength(lengthOf(key)) + sizeWithLength(lengthOf(value));
  return size;
}

function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}

function varlongSize(value: number): number {
  if (isInt31(value)) return varintSize(value);
  let size = 2;
  for (let rest = Math.floor((value >= 0 ? value : -value - 1) / 0x40); rest > 0x7f; rest = Math.floor(rest / 0x80))
    size++;
  return size;
}

function copyBytes(from: Uint8Array, to: Buffer, at: number): void {
  if (from.length > SMALL_COPY_BYTES) {
    to.set(from, at);
    return;
  }
  for (let i = 0; i < from.length; i++) to[at + i] = from[i] as number;
}

import {
  batchSizeAt,
  CorruptBatchError,
  ErrorCode,
  isBatchCrcValid,
  readBatchHeader,
  type RecordBatchHeader,
  RecordCursor,
} from '@playhead/kafka-protocol';
import { checkRecords } from './record-check.ts';
import type { LogConfig } from './topic-config.ts';

const ZSTD = 4;
/** First Produce version whose clients know zstd (KIP-110). */
const FIRST_ZSTD_PRODUCE_VERSION = 7;

/** Why a batch may not be appended. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
  /** Where it is some of the records: their places in the batch. */
  readonly invalidRecords?: readonly number[];
  readonly header?: undefined;
}

/** A batch that may be appended, or the error to answer. */
export type Validation =
  | { readonly errorCode: 0; readonly records: Buffer; readonly header: RecordBatchHeader }
  | Refusal;

const refuse = (errorCode: number, message: string): Refusal => ({ errorCode, message });

/**
 * Checks what a producer sent for one partition: exactly one sound batch of format 2 that is not a control batch, within the topic's limits.
 * Records are stepped over where they are not compressed; compressed ones are only opened for a compacted topic, whose records need keys.
 */
export function validateBatch(
  records: Buffer | null,
  config: LogConfig,
  produceVersion: number,
  nowMs: number,
): Validation {
  if (records === null || records.length === 0)
    return refuse(ErrorCode.INVALID_RECORD, 'A partition needs exactly one record batch, got none');
  const header = soundHeader(records);
  if ('errorCode' in header) return header;
  if (header.sizeInBytes > config.maxMessageBytes) {
    return refuse(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size is ${header.sizeInBytes} bytes, max.message.bytes allows ${config.maxMessageBytes}`,
    );
  }
  if (!isBatchCrcValid(records, 0, header.sizeInBytes))
    return refuse(ErrorCode.CORRUPT_MESSAGE, 'The record batch fails its checksum');
  if (header.compression > ZSTD) {
    return refuse(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `Compression codec ${header.compression} is unknown, known are 0 to ${ZSTD}`,
    );
  }
  if (header.compression === ZSTD && produceVersion < FIRST_ZSTD_PRODUCE_VERSION) {
    return refuse(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `zstd needs Produce version ${FIRST_ZSTD_PRODUCE_VERSION}, got ${produceVersion}`,
    );
  }
  return (
    checkHeader(header) ??
    checkTimestamps(header, config, nowMs) ??
    checkContent(records, header, config) ?? { errorCode: 0, records, header }
  );
}

function soundHeader(records: Buffer): RecordBatchHeader | Validation {
  try {
    const size = batchSizeAt(records, 0);
    if (size < 0)
      return refuse(
        ErrorCode.CORRUPT_MESSAGE,
        `The record batch is longer than the ${records.length} bytes that were sent`,
      );
    if (size < records.length)
      return refuse(ErrorCode.INVALID_RECORD, 'A partition needs exactly one record batch, got more');
    return readBatchHeader(records, 0) ?? refuse(ErrorCode.CORRUPT_MESSAGE, 'The record batch is cut off');
  } catch (error) {
    if (!(error instanceof CorruptBatchError)) throw error;
    const isOldFormat = records.length > 16 && records[16] !== 2;
    return refuse(isOldFormat ? ErrorCode.INVALID_RECORD : ErrorCode.CORRUPT_MESSAGE, error.message);
  }
}

function checkHeader(header: RecordBatchHeader): Validation | null {
  if (header.isControl) return refuse(ErrorCode.INVALID_RECORD, 'Clients may not write control batches');
  if (header.baseOffset !== 0)
    return refuse(ErrorCode.INVALID_RECORD, `The record batch has base offset ${header.baseOffset}, only 0 is allowed`);
  if (header.recordCount <= 0 || header.lastOffsetDelta !== header.recordCount - 1) {
    return refuse(
      ErrorCode.INVALID_RECORD,
      `${header.recordCount} records with a last offset delta of ${header.lastOffsetDelta}`,
    );
  }
  if (header.producerId >= 0 && (header.baseSequence < 0 || header.producerEpoch < 0)) {
    return refuse(
      ErrorCode.INVALID_RECORD,
      `Producer ${header.producerId} sent epoch ${header.producerEpoch}, sequence ${header.baseSequence}`,
    );
  }
  return null;
}

function checkTimestamps(header: RecordBatchHeader, config: LogConfig, nowMs: number): Validation | null {
  if (config.logAppendTime) {
    return header.isLogAppendTime
      ? refuse(ErrorCode.INVALID_TIMESTAMP, 'The record batch says LogAppendTime, which only the broker may set')
      : null;
  }
  if (header.maxTimestamp - nowMs > config.timestampAfterMaxMs) {
    return refuse(
      ErrorCode.INVALID_TIMESTAMP,
      `Timestamp ${header.maxTimestamp} is more than message.timestamp.after.max.ms=${config.timestampAfterMaxMs} ahead of the broker's clock`,
    );
  }
  if (header.baseTimestamp >= 0 && nowMs - header.baseTimestamp > config.timestampBeforeMaxMs) {
    return refuse(
      ErrorCode.INVALID_TIMESTAMP,
      `Timestamp ${header.baseTimestamp} is older than message.timestamp.before.max.ms=${config.timestampBeforeMaxMs} allows`,
    );
  }
  return null;
}

function checkContent(records: Buffer, header: RecordBatchHeader, config: LogConfig): Validation | null {
  let keyless: readonly number[] = [];
  if (header.compression === 0) {
    const shape = checkRecords(records, header.recordCount, config.compact);
    if (!shape.wellFormed)
      return refuse(
        ErrorCode.INVALID_RECORD,
        `The batch does not hold the ${header.recordCount} records that it announces`,
      );
    keyless = shape.keyless;
  } else if (config.compact) {
    const opened = keylessInside(records);
    if ('errorCode' in opened) return opened;
    keyless = opened;
  }
  if (keyless.length === 0) return null;
  const message = `${keyless.length} of ${header.recordCount} records have no key, which a compacted topic needs`;
  return { ...refuse(ErrorCode.INVALID_RECORD, message), invalidRecords: keyless };
}

function keylessInside(records: Buffer): readonly number[] | Refusal {
  const cursor = new RecordCursor().reset(records);
  const keyless: number[] = [];
  try {
    cursor.nextBatch();
    for (let index = 0; cursor.next(); index++) if (cursor.keyStart < 0) keyless.push(index);
    return keyless;
  } catch (error) {
    if (error instanceof CorruptBatchError) return refuse(ErrorCode.INVALID_RECORD, error.message);
    throw error;
  }
}

import {
  BATCH_HEADER_BYTES,
  BatchAttribute,
  BatchOffset,
  crc32c,
  type RecordBatchHeader,
  varlongSize,
  writeInt64,
  writeVarint,
  writeVarlong,
} from '@playhead/kafka-protocol';
import { type OpenedRecords, closeRecords } from './open-records.ts';
import { RecordWalk } from './record-walk.ts';

const LENGTH_OVERHEAD = 12;
const MAX_VARINT_BYTES = 5;
const MAX_VARLONG_BYTES = 10;

/** From when on a batch's tombstones, or its marker, may go; null when no compaction has set it. The field is the base timestamp (KIP-534). */
export function deleteHorizonOf(header: RecordBatchHeader): number | null {
  return (header.attributes & BatchAttribute.DELETE_HORIZON) === 0 ? null : header.baseTimestamp;
}

/** A batch without its records: it goes on standing for its offsets and for its producer's sequence numbers. */
export function emptied(batch: Buffer, header: RecordBatchHeader): Buffer {
  const empty = Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES));
  writeInt64(empty, header.maxTimestamp, BatchOffset.BASE_TIMESTAMP);
  const attributes = header.attributes & ~BatchAttribute.COMPRESSION & ~BatchAttribute.DELETE_HORIZON;
  return finished(empty, attributes, header.maxTimestamp, 0);
}

/**
 * A batch with some of its records. Offsets, sequence numbers and times stay what they were: the base offset and the last offset delta are not touched, and
 * a new base timestamp (`horizonMs`) changes every record's delta. Compressed records are compressed again; see {@link closeRecords}.
 */
export async function rewritten(
  batch: Buffer,
  header: RecordBatchHeader,
  opened: OpenedRecords,
  keeps: (index: number) => boolean,
  horizonMs: number | null,
): Promise<Buffer> {
  const shiftMs = horizonMs === null ? 0 : header.baseTimestamp - horizonMs;
  const { records, count, maxTimestampMs } = copyRecords(opened, header, keeps, shiftMs);
  const { bytes, codec } = await closeRecords(records, header.compression);
  const result = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), bytes]);
  let attributes = (header.attributes & ~BatchAttribute.COMPRESSION) | codec;
  if (horizonMs !== null) {
    attributes |= BatchAttribute.DELETE_HORIZON;
    writeInt64(result, horizonMs, BatchOffset.BASE_TIMESTAMP);
  }
  return finished(result, attributes, header.isLogAppendTime ? header.maxTimestamp : maxTimestampMs, count);
}

function copyRecords(
  { bytes, start }: OpenedRecords,
  header: RecordBatchHeader,
  keeps: (index: number) => boolean,
  shiftMs: number,
): { readonly records: Buffer; readonly count: number; readonly maxTimestampMs: number } {
  const room = shiftMs === 0 ? 0 : header.recordCount * (MAX_VARINT_BYTES + MAX_VARLONG_BYTES);
  const records = Buffer.allocUnsafe(bytes.length - start + room);
  const walk = new RecordWalk(bytes, start, header.recordCount, header.baseOffset);
  let length = 0;
  let count = 0;
  let maxTimestampMs = -1;
  for (let index = 0; walk.next(); index++) {
    if (!keeps(index)) continue;
    length =
      shiftMs === 0 ? copyAsIs(records, length, bytes, walk) : copyShifted(records, length, bytes, walk, shiftMs);
    count++;
    maxTimestampMs = Math.max(maxTimestampMs, header.baseTimestamp + walk.timestampDelta);
  }
  return { records: records.subarray(0, length), count, maxTimestampMs };
}

function copyAsIs(to: Buffer, at: number, from: Buffer, { start, end }: RecordWalk): number {
  return at + from.copy(to, at, start, end);
}

function copyShifted(to: Buffer, at: number, from: Buffer, walk: RecordWalk, shiftMs: number): number {
  const delta = walk.timestampDelta + shiftMs;
  const rest = walk.end - walk.afterTimestamp;
  const length = 1 + varlongSize(delta) + rest;
  let position = writeVarint(to, at, length);
  to[position++] = from[walk.attributesAt] as number;
  position = writeVarlong(to, position, delta);
  return position + from.copy(to, position, walk.afterTimestamp, walk.end);
}

function finished(batch: Buffer, attributes: number, maxTimestampMs: number, recordCount: number): Buffer {
  batch.writeInt32BE(batch.length - LENGTH_OVERHEAD, BatchOffset.LENGTH);
  batch.writeInt16BE(attributes, BatchOffset.ATTRIBUTES);
  writeInt64(batch, maxTimestampMs, BatchOffset.MAX_TIMESTAMP);
  batch.writeInt32BE(recordCount, BatchOffset.RECORD_COUNT);
  batch.writeUInt32BE(crc32c(batch, BatchOffset.ATTRIBUTES, batch.length), BatchOffset.CRC);
  return batch;
}

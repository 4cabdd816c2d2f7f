import {
  BATCH_HEADER_BYTES,
  CorruptBatchError,
  decompress,
  MAX_DECOMPRESSED_BYTES,
  type RecordBatchHeader,
} from '@playhead/kafka-protocol';
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress, type InputType } from 'node:zlib';

const deflateGzip = promisify<InputType, Buffer>(gzip);
const deflateZstd = promisify<InputType, Buffer>(zstdCompress);
const inflateGzip = promisify<InputType, { readonly maxOutputLength: number }, Buffer>(gunzip);
const inflateZstd = promisify<InputType, { readonly maxOutputLength: number }, Buffer>(zstdDecompress);

/** Codec numbers in a batch's attributes. */
const Codec = { NONE: 0, GZIP: 1, ZSTD: 4 } as const;
/** Snappy and lz4 are opened here and not in the thread pool: what is larger than this would keep requests waiting and stays as it is. */
const MAX_OPENED_HERE_BYTES = 8 * 1024 * 1024;

const inflaters: Readonly<Record<number, typeof inflateGzip>> = {
  [Codec.GZIP]: inflateGzip,
  [Codec.ZSTD]: inflateZstd,
};

/** A batch's records without compression. */
export interface OpenedRecords {
  readonly bytes: Buffer;
  /** Where the first record starts. */
  readonly start: number;
}

/** Opens a batch's records; null where they cannot be opened (damage by the producer, too large). */
export async function openRecords(batch: Buffer, header: RecordBatchHeader): Promise<OpenedRecords | null> {
  const { compression, baseOffset } = header;
  if (compression === Codec.NONE) return { bytes: batch, start: BATCH_HEADER_BYTES };
  const records = batch.subarray(BATCH_HEADER_BYTES);
  try {
    const inflate = inflaters[compression];
    const bytes =
      inflate === undefined
        ? decompress(compression, records, MAX_OPENED_HERE_BYTES, baseOffset)
        : await inflate(records, { maxOutputLength: MAX_DECOMPRESSED_BYTES });
    // More records than bytes: nobody has looked at the number before, and memory is taken by it.
    return header.recordCount > bytes.length ? null : { bytes, start: 0 };
  } catch {
    return null;
  }
}

/** Records that are compressed again, and how. */
export interface ClosedRecords {
  readonly bytes: Buffer;
  readonly codec: number;
}

/** Compresses records with the codec that they had; gzip, which every client reads, takes the place of snappy and lz4, which are only read here. */
export async function closeRecords(records: Buffer, codec: number): Promise<ClosedRecords> {
  if (codec === Codec.NONE) return { bytes: records, codec };
  if (codec === Codec.ZSTD) return { bytes: await deflateZstd(records), codec };
  return { bytes: await deflateGzip(records), codec: Codec.GZIP };
}

/** Runs a walk over records; false when they are not what the batch announces. */
export async function isWalkable(walk: () => Promise<void>): Promise<boolean> {
  try {
    await walk();
    return true;
  } catch (error) {
    if (error instanceof CorruptBatchError) return false;
    throw error;
  }
}

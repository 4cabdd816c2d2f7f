import {
  BATCH_HEADER_BYTES,
  CorruptBatchError,
  MAX_DECOMPRESSED_BYTES,
  type RecordBatchHeader,
} from '@playhead/kafka-protocol';
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';

/** Codec numbers in a batch's attributes. */
const Codec = { NONE: 0, GZIP: 1, ZSTD: 4 } as const;

const inflaters = { [Codec.GZIP]: promisify(gunzip), [Codec.ZSTD]: promisify(zstdDecompress) };
const deflaters = { [Codec.GZIP]: promisify(gzip), [Codec.ZSTD]: promisify(zstdCompress) };

type KnownCodec = typeof Codec.GZIP | typeof Codec.ZSTD;
const isKnown = (codec: number): codec is KnownCodec => codec === Codec.GZIP || codec === Codec.ZSTD;

/** A batch's records without compression. */
export interface OpenedRecords {
  readonly bytes: Buffer;
  /** Where the first record starts. */
  readonly start: number;
}

/** Opens a batch's records, compressed ones in the thread pool; null where they cannot be opened (a codec that Node lacks, damage by the producer). */
export async function openRecords(batch: Buffer, header: RecordBatchHeader): Promise<OpenedRecords | null> {
  if (header.compression === Codec.NONE) return { bytes: batch, start: BATCH_HEADER_BYTES };
  if (!isKnown(header.compression)) return null;
  try {
    const bytes = await inflaters[header.compression](batch.subarray(BATCH_HEADER_BYTES), {
      maxOutputLength: MAX_DECOMPRESSED_BYTES,
    });
    return { bytes, start: 0 };
  } catch {
    return null;
  }
}

/** Compresses records with the codec they had. */
export async function closeRecords(records: Buffer, codec: number): Promise<Buffer> {
  return isKnown(codec) ? deflaters[codec](records) : records;
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

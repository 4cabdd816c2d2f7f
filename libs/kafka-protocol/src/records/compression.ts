import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CorruptBatchError, UnsupportedCompressionError } from '../errors.ts';

/** A codec this library reads and writes. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Most bytes that the records of one batch may have after decompression, unless the cursor is told otherwise. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Kafka's name of a codec's number in a batch's attributes. */
export function compressionName(codec: number): string {
  return CODECS[codec] ?? `#${codec}`;
}

/** The number of a codec in a batch's attributes. */
export function compressionCode(compression: Compression): number {
  return CODECS.indexOf(compression);
}

/** Compresses the records of a batch. */
export function compress(compression: 'gzip' | 'zstd', records: Buffer): Buffer {
  return compression === 'gzip' ? gzipSync(records) : zstdCompressSync(records);
}

/** Decompresses the records of a batch; throws {@link UnsupportedCompressionError}, or {@link CorruptBatchError} when they are broken or larger than allowed. */
export function decompress(codec: number, records: Buffer, maxBytes: number, baseOffset: number): Buffer {
  const name = compressionName(codec);
  if (name !== 'gzip' && name !== 'zstd') throw new UnsupportedCompressionError(name);
  try {
    return name === 'gzip'
      ? gunzipSync(records, { maxOutputLength: maxBytes })
      : zstdDecompressSync(records, { maxOutputLength: maxBytes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CorruptBatchError(
      `${name} records of the batch at ${baseOffset} cannot be decompressed into ${maxBytes} bytes: ${reason}`,
      baseOffset,
      { cause: error },
    );
  }
}

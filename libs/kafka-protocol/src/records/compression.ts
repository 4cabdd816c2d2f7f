import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CorruptBatchError, UnsupportedCompressionError } from '../errors.ts';
import { decompressLz4 } from './lz4.ts';
import { decompressSnappy } from './snappy.ts';

/** A codec this library writes. It reads snappy and lz4 as well. */
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

const decompressors: Readonly<Record<string, (records: Buffer, maxBytes: number) => Buffer>> = {
  gzip: (records, maxBytes) => gunzipSync(records, { maxOutputLength: maxBytes }),
  snappy: decompressSnappy,
  lz4: decompressLz4,
  zstd: (records, maxBytes) => zstdDecompressSync(records, { maxOutputLength: maxBytes }),
};

/** Decompresses the records of a batch; throws {@link UnsupportedCompressionError}, or {@link CorruptBatchError} when they are broken or larger than allowed. */
export function decompress(codec: number, records: Buffer, maxBytes: number, baseOffset: number): Buffer {
  const name = compressionName(codec);
  const decompressor = decompressors[name];
  if (decompressor === undefined) throw new UnsupportedCompressionError(name);
  try {
    return decompressor(records, maxBytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CorruptBatchError(
      `${name} records of the batch at ${baseOffset} cannot be decompressed into ${maxBytes} bytes: ${reason}`,
      baseOffset,
      { cause: error },
    );
  }
}

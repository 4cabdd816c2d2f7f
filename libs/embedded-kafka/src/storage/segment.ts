import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { FilePool, PooledFile } from './file-pool.ts';
import { readBuffers } from './read-buffers.ts';
import { INDEX_ENTRY_BYTES, SparseIndex } from './sparse-index.ts';

/** Bytes of log between two index entries: a search reads at most this much more than it wants. */
export const INDEX_INTERVAL_BYTES = 16 * 1024;
/** Relative offsets are unsigned 32 bits in the index; a segment is closed before they run out. */
export const MAX_RELATIVE_OFFSET = 0x7fff_ffff;

/** The name of the segment that starts with an offset, without its suffix. */
export const segmentName = (baseOffset: number): string => String(baseOffset).padStart(20, '0');

/**
 * A piece of a partition's log: `<base>.log` holds record batches one after another, `<base>.index` finds a place in it.
 * Only the newest segment of a partition is written. Its index file may lag behind; a closed segment's is whole and ends with the entry of its end.
 */
export class Segment {
  readonly baseOffset: number;
  /** Bytes of whole batches. */
  size = 0;
  /** One past the last record's offset. */
  nextOffset: number;
  /** Greatest timestamp of a record; −1 while empty. */
  maxTimestampMs = -1;
  readonly #directory: string;
  readonly #files: FilePool;
  #log: PooledFile;
  #indexPath: string;
  #index: SparseIndex | null;
  #indexEntriesOnDisk = 0;
  #lastIndexedPosition = 0;
  #isDeleted = false;

  /** `name` is that of its files without their suffix, where it is not the base offset. */
  constructor(directory: string, baseOffset: number, files: FilePool, name: string = segmentName(baseOffset)) {
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.#directory = directory;
    this.#files = files;
    this.#log = files.file(join(directory, `${name}.log`));
    this.#indexPath = join(directory, `${name}.index`);
    this.#index = new SparseIndex();
  }

  /** Whether its files have gone: it must not be read any more, which would make them again. */
  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Bytes in the log file, whole batches or not. */
  fileSize(): number {
    return this.#log.size();
  }

  /** Takes what the index file says about a closed segment; false when it does not end where the log does. The entries themselves are read when needed. */
  openClosed(): boolean {
    const index = SparseIndex.from(readFileIfThere(this.#indexPath) ?? Buffer.alloc(0));
    const end = index.count - 1;
    if (end < 0 || index.position(end) !== this.fileSize()) return false;
    this.size = index.position(end);
    this.nextOffset = this.baseOffset + index.relativeOffset(end);
    this.maxTimestampMs = index.maxTimestampBefore(end);
    this.#index = null;
    return true;
  }

  /** Starts from a known state of the open segment: entries at or after `size` are dropped, and what follows it is to be scanned and noted again. */
  openAt(state: { readonly size: number; readonly nextOffset: number; readonly maxTimestampMs: number }): void {
    const index = SparseIndex.from(readFileIfThere(this.#indexPath) ?? Buffer.alloc(0));
    index.truncate(state.size);
    this.#index = index;
    this.#indexEntriesOnDisk = 0;
    this.#lastIndexedPosition = index.count === 0 ? 0 : index.position(index.count - 1);
    this.size = state.size;
    this.nextOffset = state.nextOffset;
    this.maxTimestampMs = state.maxTimestampMs;
  }

  /** Writes a batch that has its offsets. Throws what the file system throws, after taking a half-written batch back. */
  append(batch: Buffer, batchBaseOffset: number, lastOffset: number, maxTimestampMs: number): void {
    try {
      this.#log.write(batch, this.size);
    } catch (error) {
      this.#log.truncate(this.size);
      throw error;
    }
    this.note(batch.length, batchBaseOffset, lastOffset, maxTimestampMs);
  }

  /** Counts in a batch that is in the file at `size`: after a write, or while the file is scanned. */
  note(totalBytes: number, batchBaseOffset: number, lastOffset: number, maxTimestampMs: number): void {
    if (this.size - this.#lastIndexedPosition >= INDEX_INTERVAL_BYTES) {
      this.#entries().add(batchBaseOffset - this.baseOffset, this.size, this.maxTimestampMs);
      this.#lastIndexedPosition = this.size;
    }
    this.size += totalBytes;
    this.nextOffset = lastOffset + 1;
    if (maxTimestampMs > this.maxTimestampMs) this.maxTimestampMs = maxTimestampMs;
  }

  /** Up to `length` bytes from a position, fewer at the segment's end. */
  read(position: number, length: number): Buffer {
    const bytes = readBuffers.take(Math.max(0, Math.min(length, this.size - position)));
    const got = this.#log.read(bytes, position);
    return got === bytes.length ? bytes : bytes.subarray(0, got);
  }

  /** Reads what lies in the file, beyond `size` too: for the scan at start. */
  readFile(into: Buffer, position: number): number {
    return this.#log.read(into, position);
  }

  /** At most {@link INDEX_INTERVAL_BYTES} before the batch that holds the offset. */
  positionBefore(offset: number): number {
    return this.#entries().floorOffset(offset - this.baseOffset);
  }

  /** A batch's start at or before a byte position. */
  batchStartBefore(position: number): number {
    return this.#entries().floorPosition(position);
  }

  /** From where on the first record with at least this timestamp is to be looked for. */
  positionBeforeTimestamp(timestampMs: number): number {
    return this.#entries().floorTimestamp(timestampMs);
  }

  /** Cuts the log file after the last whole batch. */
  cutToSize(): void {
    this.#log.truncate(this.size);
  }

  sync(): Promise<void> {
    return this.#log.sync();
  }

  /** Brings the index file up to the log, so that a start need not scan what is before `size`. */
  flushIndex(): void {
    const index = this.#entries();
    if (this.#indexEntriesOnDisk === 0) {
      writeFileAtomically(this.#indexPath, index.bytesFrom(0));
    } else if (index.count > this.#indexEntriesOnDisk) {
      writeAt(this.#indexPath, index.bytesFrom(this.#indexEntriesOnDisk), this.#indexEntriesOnDisk * INDEX_ENTRY_BYTES);
    }
    this.#indexEntriesOnDisk = index.count;
  }

  /** Ends the segment: no batch is added any more. */
  seal(): void {
    this.#entries().add(this.nextOffset - this.baseOffset, this.size, this.maxTimestampMs);
    this.flushIndex();
  }

  close(): void {
    this.#log.close();
  }

  /** Gives its files another name, the index first. Throws what the file system throws; it stays readable, and the call may be made again. */
  rename(name: string): void {
    this.close();
    const index = join(this.#directory, `${name}.index`);
    if (index !== this.#indexPath) renameSync(this.#indexPath, index);
    this.#indexPath = index;
    const log = join(this.#directory, `${name}.log`);
    renameSync(this.#log.path, log);
    this.#log = this.#files.file(log);
  }

  /**
   * Takes the segment out of the directory now and frees its blocks in the background, where a large file takes a while.
   * A file that cannot be removed is left to the next start.
   */
  delete(): void {
    this.close();
    this.#isDeleted = true;
    for (const path of [this.#log.path, this.#indexPath]) {
      try {
        renameSync(path, `${path}.deleted`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      rm(`${path}.deleted`, { force: true }).catch(() => {});
    }
  }

  #entries(): SparseIndex {
    return (this.#index ??= SparseIndex.from(readFileIfThere(this.#indexPath) ?? Buffer.alloc(0)));
  }
}

function writeAt(path: string, bytes: Buffer, position: number): void {
  const fd = openSync(path, 'r+');
  try {
    for (let written = 0; written < bytes.length;)
      written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  } finally {
    closeSync(fd);
  }
}

import { closeSync, fdatasyncSync, ftruncateSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32c } from '@playhead/kafka-protocol';
import { writeFileAtomically } from './atomic-file.ts';

// An entry: length int32 | CRC-32C of the payload uint32 | payload.
const HEADER_BYTES = 8;
/** Stands for a descriptor that is not ours any more: its number may be another file's by now. */
const CLOSED = -1;

/** What opening a file found. */
export interface RecoveredEntries {
  readonly payloads: readonly Buffer[];
  /** Bytes cut off at the end because they were no whole, right entry: a write that was interrupted. */
  readonly tornBytes: number;
}

/**
 * An append-only file of checksummed entries. An entry is with the operating system when `append` returns, so it survives the end of the process;
 * a power failure may cost the last seconds unless the file is opened with `sync`.
 */
export class EntryFile {
  readonly #path: string;
  readonly #sync: boolean;
  #fd: number;
  #size: number;

  private constructor(path: string, fd: number, size: number, sync: boolean) {
    this.#path = path;
    this.#sync = sync;
    this.#fd = fd;
    this.#size = size;
  }

  /** Opens or creates the file and cuts a torn end off. */
  static open(path: string, sync: boolean): { readonly file: EntryFile; readonly recovered: RecoveredEntries } {
    const fd = openSync(path, 'a+');
    const content = fstatSync(fd).size === 0 ? Buffer.alloc(0) : readFileSync(path);
    const payloads: Buffer[] = [];
    let size = 0;
    for (let payload = entryAt(content, size); payload !== undefined; payload = entryAt(content, size)) {
      payloads.push(payload);
      size += HEADER_BYTES + payload.length;
    }
    const tornBytes = content.length - size;
    if (tornBytes > 0) ftruncateSync(fd, size);
    return { file: new EntryFile(path, fd, size, sync), recovered: { payloads, tornBytes } };
  }

  get size(): number {
    return this.#size;
  }

  /** Appends one entry. If the disk refuses, the file is as before and the error is thrown. */
  append(payload: Buffer): void {
    if (this.#fd === CLOSED) throw new Error(`${this.#path} is closed`);
    const entry = framed(payload);
    try {
      for (let written = 0; written < entry.length;) written += writeSync(this.#fd, entry, written);
      if (this.#sync) fdatasyncSync(this.#fd);
    } catch (error) {
      // Half an entry in the middle would hide from recovery whatever is appended after it.
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += entry.length;
  }

  /** Replaces the content as a whole: a crash leaves the old or the new. */
  rewrite(payloads: readonly Buffer[]): void {
    const content = Buffer.concat(payloads.map(framed));
    writeFileAtomically(this.#path, content, { durable: this.#sync });
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a+');
    this.#size = content.length;
  }

  /** After it, appending throws. */
  close(): void {
    if (this.#fd !== CLOSED) closeSync(this.#fd);
    this.#fd = CLOSED;
  }
}

function framed(payload: Buffer): Buffer {
  const entry = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  entry.writeInt32BE(payload.length, 0);
  entry.writeUInt32BE(crc32c(payload), 4);
  payload.copy(entry, HEADER_BYTES);
  return entry;
}

/** The payload of the entry at a position; undefined when there is no whole entry with the right checksum. */
function entryAt(content: Buffer, start: number): Buffer | undefined {
  if (content.length - start < HEADER_BYTES) return undefined;
  const length = content.readInt32BE(start);
  const from = start + HEADER_BYTES;
  // An empty payload is never written; zeros after a crash would look like one with the right checksum.
  if (length <= 0 || length > content.length - from) return undefined;
  const payload = content.subarray(from, from + length);
  return crc32c(payload) === content.readUInt32BE(start + 4) ? payload : undefined;
}

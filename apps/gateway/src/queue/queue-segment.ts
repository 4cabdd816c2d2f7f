import { open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readEntry } from './queue-entry.ts';
import type { QueuedRecord } from './queue-entry.ts';

/** A file as it was found. */
export interface RecoveredSegment {
  readonly segment: QueueSegment;
  readonly records: number;
  /** Behind the last record. */
  readonly cutBytes: number;
  /** Before it. */
  readonly damagedBytes: number;
}

/** One file of the queue. Written at its end by one writer; read from its start. */
export class QueueSegment {
  readonly path: string;
  readonly #handle: FileHandle;
  #writtenBytes: number;
  #readBytes = 0;

  private constructor(path: string, handle: FileHandle, writtenBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#writtenBytes = writtenBytes;
  }

  static async create(path: string): Promise<QueueSegment> {
    const segment = new QueueSegment(path, await open(path, 'wx+'), 0);
    try {
      await flushDirectory(dirname(path));
    } catch (error) {
      await segment.remove();
      throw error;
    }
    return segment;
  }

  /**
   * Opens a file that another process left. What follows the last whole entry is cut off: in the last file of a queue a torn
   * write, which was never acknowledged. What lies before it and is no entry is damage of the disk, and is left out.
   */
  static async recover(path: string): Promise<RecoveredSegment> {
    const bytes = await readFile(path);
    const whole: Buffer[] = [];
    let end = 0;
    let damagedBytes = 0;
    for (let at = 0; at < bytes.length;) {
      const entry = readEntry(bytes, at);
      if (entry === undefined) {
        at++;
        continue;
      }
      whole.push(bytes.subarray(at, entry.end));
      damagedBytes += at - end;
      at = end = entry.end;
    }
    if (damagedBytes > 0) await replace(path, Buffer.concat(whole));
    else if (end < bytes.length) await truncate(path, end);
    const segment = new QueueSegment(path, await open(path, 'r+'), end - damagedBytes);
    return { segment, records: whole.length, cutBytes: bytes.length - end, damagedBytes };
  }

  /** Bytes that are durable. */
  get bytes(): number {
    return this.#writtenBytes;
  }

  /** Of them those that were not read yet. */
  get unreadBytes(): number {
    return this.#writtenBytes - this.#readBytes;
  }

  /** Whether everything durable has been read. */
  get isRead(): boolean {
    return this.unreadBytes === 0;
  }

  /** Writes whole entries and waits until the disk has them. On failure nothing of them stays; if even that fails, the next recovery cuts it. */
  async write(entries: Buffer): Promise<void> {
    try {
      // A disk that has room for a part only takes that, and says so.
      for (let done = 0; done < entries.length;) {
        const { bytesWritten } = await this.#handle.write(
          entries,
          done,
          entries.length - done,
          this.#writtenBytes + done,
        );
        done += bytesWritten;
      }
      await this.#handle.datasync();
      this.#writtenBytes += entries.length;
    } catch (error) {
      await this.#handle.truncate(this.#writtenBytes).catch(() => undefined);
      throw error;
    }
  }

  /** The next records, about `maxBytes` of them and at least one. Throws when the file is not what was written to it. */
  async read(maxBytes: number): Promise<readonly QueuedRecord[]> {
    for (let size = maxBytes; ; size *= 2) {
      const wanted = Math.min(size, this.unreadBytes);
      const chunk = Buffer.allocUnsafe(wanted);
      const { bytesRead } = await this.#handle.read(chunk, 0, wanted, this.#readBytes);
      const records: QueuedRecord[] = [];
      let end = 0;
      for (let entry = readEntry(chunk.subarray(0, bytesRead), 0); entry !== undefined;) {
        records.push(entry.record);
        end = entry.end;
        entry = readEntry(chunk.subarray(0, bytesRead), end);
      }
      if (records.length > 0 || wanted === 0) {
        this.#readBytes += end;
        return records;
      }
      if (wanted === this.unreadBytes) {
        throw new Error(`${this.path} is damaged at byte ${this.#readBytes}`);
      }
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async remove(): Promise<void> {
    await this.#handle.close();
    await rm(this.path, { force: true });
  }
}

/** A crash leaves the old file or the new one. */
async function replace(path: string, bytes: Buffer): Promise<void> {
  const written = `${path}.mended`;
  await writeFile(written, bytes, { flush: true });
  await rename(written, path);
  await flushDirectory(dirname(path));
}

/** Or a power cut could take a file's name, and with it what was written to the file after. Windows has nothing like it. */
async function flushDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

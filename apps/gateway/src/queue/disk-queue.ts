import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directory-lock.ts';
import { writeEntry } from './queue-entry.ts';
import type { QueuedRecord } from './queue-entry.ts';
import { QueueSegment } from './queue-segment.ts';

/** The queue has no room for the record. */
export class QueueFullError extends Error {
  readonly code = 'QUEUE_FULL';

  constructor(maxBytes: number) {
    super(`the disk queue has its ${maxBytes} bytes already`);
    this.name = 'QueueFullError';
  }
}

/** How large the queue may be. */
export interface DiskQueueOptions {
  readonly directory: string;
  /** Records are refused when the queue would have more. */
  readonly maxBytes: number;
  /** A file is followed by the next when it has so many; a restart repeats at most the records of one file. Default 4 MiB. */
  readonly segmentBytes?: number;
}

/** What was found at the start. */
export interface FoundRecords {
  readonly records: number;
  /** Torn writes that were cut off; none of them had been acknowledged. */
  readonly cutBytes: number;
  /** Among the records: what stood there had been acknowledged, unless a power cut tore a write of several. */
  readonly damagedBytes: number;
}

interface Waiting {
  readonly entry: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENT_NAME = /^(\d{12})\.queue$/;

/**
 * Records in files, first in, first out. `put` resolves when the disk has the record (what waits at a time shares one
 * write and one fdatasync); `read` gives the oldest that was not read yet; `release` removes what was read. Nothing
 * remembers within a file how far it was read: after a crash the records of the oldest file come again, under the same
 * event ids.
 */
export class DiskQueue {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #unlock: () => Promise<void>;
  /** Oldest first; the last one is written to. */
  readonly #segments: QueueSegment[];
  #nextNumber: number;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #putBytes = 0;
  #writing: Promise<void> | undefined;
  /** Of `#writing` the part that is under way. */
  #batch: Promise<void> | undefined;
  #records: number;
  #closed = false;
  readonly found: FoundRecords;

  private constructor(
    { directory, maxBytes, segmentBytes = DEFAULT_SEGMENT_BYTES }: DiskQueueOptions,
    unlock: () => Promise<void>,
    found: FoundRecords & { readonly segments: QueueSegment[]; readonly nextNumber: number },
  ) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#segmentBytes = segmentBytes;
    this.#unlock = unlock;
    this.#segments = found.segments;
    this.#nextNumber = found.nextNumber;
    this.#records = found.records;
    this.found = { records: found.records, cutBytes: found.cutBytes, damagedBytes: found.damagedBytes };
  }

  /** Opens the directory, which is created if need be, with what a process before left in it. Rejects with `DirectoryInUseError`. */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    await mkdir(options.directory, { recursive: true });
    const unlock = await lockDirectory(options.directory);
    const numbers = (await readdir(options.directory))
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    const segments: QueueSegment[] = [];
    let records = 0;
    let cutBytes = 0;
    let damagedBytes = 0;
    for (const number of numbers) {
      const recovered = await QueueSegment.recover(segmentPath(options.directory, number));
      records += recovered.records;
      damagedBytes += recovered.damagedBytes;
      // A file that another follows was written to its end.
      if (number === numbers.at(-1)) cutBytes += recovered.cutBytes;
      else damagedBytes += recovered.cutBytes;
      segments.push(recovered.segment);
    }
    const nextNumber = (numbers.at(-1) ?? 0) + 1;
    return new DiskQueue(options, unlock, { segments, records, cutBytes, damagedBytes, nextNumber });
  }

  /** Records put and not released, also those that are being written. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of the files and of what waits to be written. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#waitingBytes);
  }

  /** Bytes that were not read yet. */
  get unreadBytes(): number {
    return this.#segments.reduce((sum, { unreadBytes }) => sum + unreadBytes, this.#waitingBytes);
  }

  /** Bytes of all that was put since the queue was opened. */
  get putBytes(): number {
    return this.#putBytes;
  }

  get isFull(): boolean {
    return this.bytes >= this.#maxBytes;
  }

  /** Counts the record at once and resolves when the disk has it. Rejects with `QueueFullError`, or with the error of the disk. */
  put(record: QueuedRecord): Promise<void> {
    const entry = writeEntry(record);
    if (this.#closed) return Promise.reject(new Error('the disk queue is closed'));
    if (this.bytes + entry.length > this.#maxBytes) return Promise.reject(new QueueFullError(this.#maxBytes));
    this.#records++;
    this.#waitingBytes += entry.length;
    this.#putBytes += entry.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  /** The oldest records that were not read yet, in order; none when all that the disk has were read. */
  async read(maxBytes: number): Promise<readonly QueuedRecord[]> {
    const unread = this.#segments.find((segment) => !segment.isRead);
    return unread === undefined ? [] : unread.read(maxBytes);
  }

  /** Kafka has the next `count` of the records that were read; files of which all were read go. Call it before the next `read`. */
  async release(count: number): Promise<void> {
    this.#records -= count;
    // While something is written, the last file is not whole.
    while (this.#segments[0]?.isRead === true && (this.#segments.length > 1 || this.#writing === undefined)) {
      await this.#segments.shift()?.remove();
    }
  }

  /** Resolves when the disk has something that was not read, or when the write under way is over, whichever is first. */
  async readable(): Promise<void> {
    if (this.#segments.every(({ isRead }) => isRead)) await this.#batch;
  }

  /** Writes what waits and lets the directory go. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await Promise.all(this.#segments.splice(0).map((segment) => segment.close()));
    await this.#unlock();
  }

  async #writeWaiting(): Promise<void> {
    // What is put in this turn of the event loop goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#batch = this.#write(this.#waiting.splice(0));
      await this.#batch;
    }
    this.#writing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const entries = Buffer.concat(batch.map(({ entry }) => entry));
    try {
      await (await this.#writable()).write(entries);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      this.#records -= batch.length;
      for (const { reject } of batch) reject(error as Error);
    } finally {
      this.#waitingBytes -= entries.length;
    }
  }

  async #writable(): Promise<QueueSegment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < this.#segmentBytes) return last;
    const created = await QueueSegment.create(segmentPath(this.#directory, this.#nextNumber++));
    this.#segments.push(created);
    return created;
  }
}

const segmentPath = (directory: string, number: number): string =>
  join(directory, `${String(number).padStart(12, '0')}.queue`);

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';

const FILE = 'aborted.index';
/** producerId, firstOffset, lastOffset, lastStableOffset: doubles, exact for offsets up to 2^53. */
const COLUMNS = 4;
const ENTRY_BYTES = COLUMNS * 8;
const INITIAL_ENTRIES = 8;
const REWRITE = -1;
/** As many entries may lie before the log's start before they are worth a new file. */
const MAX_STALE_ENTRIES = 4096;

/** The part of a partition's log that a producer wrote in a transaction and took back: its transactional batches from first to last. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** The offset of the abort marker. */
  readonly lastOffset: number;
}

/**
 * The aborted transactions of one partition, in the order of their markers. What is new is only written to the file with a checkpoint: a start finds the
 * rest in the part of the log that it scans anyway. The last stable offset after the marker rises from entry to entry and no later transaction starts
 * before it, so that a search by offsets knows where to stop.
 */
export class AbortedTransactions {
  readonly #path: string;
  #entries: Float64Array;
  #count = 0;
  /** Entries in the file, or {@link REWRITE} when it has others. */
  #onDisk = 0;

  constructor(directory: string) {
    this.#path = join(directory, FILE);
    this.#entries = new Float64Array(INITIAL_ENTRIES * COLUMNS);
  }

  get count(): number {
    return this.#count;
  }

  /** Reads the entries of markers below an offset: a start scans the log from there on and finds the others in it again. */
  restore(belowOffset: number): void {
    const bytes = readFileIfThere(this.#path) ?? Buffer.alloc(0);
    const onDisk = Math.floor(bytes.length / ENTRY_BYTES);
    this.#entries = new Float64Array(Uint8Array.from(bytes.subarray(0, onDisk * ENTRY_BYTES)).buffer);
    this.#count = onDisk;
    this.#count = this.#firstEndingAtOrAfter(belowOffset);
    this.#onDisk = this.#count === bytes.length / ENTRY_BYTES ? this.#count : REWRITE;
  }

  /** Notes an abort; `lastStableOffset` is the partition's after it. */
  add({ producerId, firstOffset, lastOffset }: AbortedTransaction, lastStableOffset: number): void {
    if ((this.#count + 1) * COLUMNS > this.#entries.length) {
      const grown = new Float64Array(Math.max(INITIAL_ENTRIES * COLUMNS, this.#entries.length * 2));
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries.set([producerId, firstOffset, lastOffset, lastStableOffset], this.#count * COLUMNS);
    this.#count++;
  }

  /** Those that have an offset at or after `from` and before `upTo`, by their first offset. */
  within(from: number, upTo: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (let entry = this.#firstEndingAtOrAfter(from); entry < this.#count; entry++) {
      const [producerId, firstOffset, lastOffset, lastStableOffset] = this.#row(entry);
      if (firstOffset < upTo) found.push({ producerId, firstOffset, lastOffset });
      if (lastStableOffset >= upTo) break;
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Takes out and answers those whose markers lie at or after an offset. */
  cut(nextOffset: number): AbortedTransaction[] {
    const kept = this.#firstEndingAtOrAfter(nextOffset);
    const gone: AbortedTransaction[] = [];
    for (let entry = kept; entry < this.#count; entry++) {
      const [producerId, firstOffset, lastOffset] = this.#row(entry);
      gone.push({ producerId, firstOffset, lastOffset });
    }
    if (gone.length > 0) this.#onDisk = REWRITE;
    this.#count = kept;
    return gone;
  }

  /** Forgets those that end before the log's start. */
  trim(logStartOffset: number): void {
    const stale = this.#firstEndingAtOrAfter(logStartOffset);
    if (stale === 0 || (stale < MAX_STALE_ENTRIES && stale < this.#count)) return;
    this.#entries = this.#entries.slice(stale * COLUMNS, this.#count * COLUMNS);
    this.#count -= stale;
    this.#onDisk = REWRITE;
  }

  /** Forgets those whose markers, named by their offsets, compaction has taken out with everything before them. */
  forget(markerOffsets: readonly number[]): void {
    const gone = new Set(markerOffsets);
    let kept = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      const row = this.#row(entry);
      if (gone.has(row[2])) continue;
      this.#entries.set(row, kept * COLUMNS);
      kept++;
    }
    if (kept < this.#count) this.#onDisk = REWRITE;
    this.#count = kept;
  }

  /** Brings the file up to date; to be called before a checkpoint, which counts on finding the markers before it here. */
  save(durable: boolean): void {
    if (this.#onDisk === this.#count) return;
    if (this.#onDisk <= 0) {
      writeFileAtomically(this.#path, this.#bytes(0), { durable });
    } else {
      appendAt(this.#path, this.#bytes(this.#onDisk), this.#onDisk * ENTRY_BYTES, durable);
    }
    this.#onDisk = this.#count;
  }

  #row(entry: number): [number, number, number, number] {
    const at = entry * COLUMNS;
    return [...this.#entries.subarray(at, at + COLUMNS)] as [number, number, number, number];
  }

  #firstEndingAtOrAfter(offset: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle * COLUMNS + 2] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bytes(fromEntry: number): Buffer {
    const { buffer, byteOffset } = this.#entries;
    return Buffer.from(buffer, byteOffset + fromEntry * ENTRY_BYTES, (this.#count - fromEntry) * ENTRY_BYTES);
  }
}

function appendAt(path: string, bytes: Buffer, position: number, durable: boolean): void {
  const fd = openSync(path, 'r+');
  try {
    for (let written = 0; written < bytes.length;)
      written += writeSync(fd, bytes, written, bytes.length - written, position + written);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

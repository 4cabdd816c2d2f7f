import { readBatchHeader } from '@playhead/kafka-protocol';
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scanBatches } from './batch-scan.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { recoverCleanerCheckpoint } from './compaction/cleaner-checkpoint.ts';
import { recoverSwaps } from './compaction/swap-files.ts';
import type { FilePool } from './file-pool.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { PartitionProducers } from './partition-producers.ts';
import { Segment } from './segment.ts';

/** What a start found in a partition's directory. */
export interface RecoveredLog {
  /** By offset; the last one is open for appends. */
  readonly segments: Segment[];
  readonly logStartOffset: number;
  readonly producers: PartitionProducers;
  readonly epochs: LeaderEpochs;
  /** Bytes after the checkpoint that had to be read; 0 after a clean stop. */
  readonly scannedBytes: number;
  /** Bytes cut off because they were torn or damaged. */
  readonly truncatedBytes: number;
}

const SEGMENT_FILE = /^(\d{20})\.log$/;

/**
 * Opens a partition's directory. Closed segments before the checkpoint are taken from their index; from the checkpoint on the batches are read and
 * checked, the log is cut at the first that is torn or damaged, and segments after a cut are dropped, because their offsets would leave a hole of unknown length.
 */
export function recoverLog(directory: string, files: FilePool, maxProducers: number): RecoveredLog {
  mkdirSync(directory, { recursive: true });
  recoverSwaps(directory);
  const checkpoint = readCheckpoint(directory);
  const bases = segmentBases(directory);
  const producers = new PartitionProducers(directory, maxProducers);
  const epochs = new LeaderEpochs(checkpoint?.epochs.current, checkpoint?.epochs.starts);
  producers.restore(checkpoint);
  const recovery = new Recovery(directory, files, producers, epochs);
  for (const base of bases) recovery.open(base, checkpoint);
  const recovered = recovery.finish(checkpoint?.logStartOffset ?? 0);
  recoverCleanerCheckpoint(directory, (recovered.segments.at(-1) as Segment).nextOffset);
  return recovered;
}

function segmentBases(directory: string): number[] {
  const bases: number[] = [];
  for (const name of readdirSync(directory)) {
    const base = SEGMENT_FILE.exec(name)?.[1];
    if (base !== undefined) bases.push(Number(base));
    else if (name.endsWith('.deleted')) rm(join(directory, name), { force: true }).catch(() => {});
  }
  return bases.sort((a, b) => a - b);
}

class Recovery {
  readonly #directory: string;
  readonly #files: FilePool;
  readonly #producers: PartitionProducers;
  readonly #epochs: LeaderEpochs;
  readonly #segments: Segment[] = [];
  /** When the producers of the scanned batches count as last seen: their own times may lie long ago. */
  readonly #nowMs = Date.now();
  /** The last segment that was opened as if it were the open one: closed for good when another follows it. */
  #unsealed: Segment | null = null;
  #scannedBytes = 0;
  #truncatedBytes = 0;

  constructor(directory: string, files: FilePool, producers: PartitionProducers, epochs: LeaderEpochs) {
    this.#directory = directory;
    this.#files = files;
    this.#producers = producers;
    this.#epochs = epochs;
  }

  open(base: number, checkpoint: Checkpoint | null): void {
    const segment = new Segment(this.#directory, base, this.#files);
    const previous = this.#segments.at(-1);
    if (this.#truncatedBytes > 0 || (previous !== undefined && base < previous.nextOffset)) {
      this.#truncatedBytes += segment.fileSize();
      segment.delete();
      return;
    }
    this.#unsealed?.seal();
    this.#unsealed = null;
    this.#segments.push(segment);
    const isBeforeCheckpoint = checkpoint !== null && base < checkpoint.segment.baseOffset;
    // It may go on beyond the checkpoint: an empty segment after it that was never written is not there any more.
    if (isBeforeCheckpoint && segment.openClosed() && segment.nextOffset <= checkpoint.segment.nextOffset) return;
    const isCheckpointed = checkpoint?.segment.baseOffset === base && checkpoint.segment.size <= segment.fileSize();
    segment.openAt(isCheckpointed ? checkpoint.segment : { size: 0, nextOffset: base, maxTimestampMs: -1 });
    this.#scan(segment, isBeforeCheckpoint ? checkpoint.segment.nextOffset : 0);
    if (segment.size > 0) this.#unsealed = segment;
  }

  /** Puts the segments and the log's start in agreement: the start lies within the log, and there is a segment to append to. */
  finish(checkpointedStart: number): RecoveredLog {
    const lost = (this.#segments.at(-1)?.nextOffset ?? 0) < checkpointedStart;
    if (lost) for (const segment of this.#segments.splice(0)) segment.delete();
    if (this.#segments.length === 0) this.#segments.push(new Segment(this.#directory, checkpointedStart, this.#files));
    while (this.#segments.length > 1 && (this.#segments[1] as Segment).baseOffset <= checkpointedStart) {
      (this.#segments.shift() as Segment).delete();
    }
    const logStartOffset = Math.max(checkpointedStart, (this.#segments[0] as Segment).baseOffset);
    this.#epochs.trim(logStartOffset);
    this.#producers.cut((this.#segments.at(-1) as Segment).nextOffset);
    this.#producers.trim(logStartOffset);
    if (this.#scannedBytes + this.#truncatedBytes > 0) this.#epochs.begin();
    return {
      segments: this.#segments,
      logStartOffset,
      producers: this.#producers,
      epochs: this.#epochs,
      scannedBytes: this.#scannedBytes,
      truncatedBytes: this.#truncatedBytes,
    };
  }

  /** Reads what follows the known part of a segment. Of batches before an offset the checkpoint knows the producers, and as they were later. */
  #scan(segment: Segment, producersKnownUpTo: number): void {
    const from = segment.size;
    const end = scanBatches(
      { read: (into, position) => segment.readFile(into, position) },
      from,
      segment.nextOffset,
      (bytes, at) => {
        const header = readBatchHeader(bytes, at);
        if (header === undefined) return;
        segment.note(header.sizeInBytes, header.baseOffset, header.lastOffset, header.maxTimestamp);
        this.#epochs.note(header.partitionLeaderEpoch, header.baseOffset);
        if (header.baseOffset >= producersKnownUpTo)
          this.#producers.noteStored(bytes.subarray(at), header, this.#nowMs);
      },
    );
    this.#scannedBytes += end - from;
    const torn = segment.fileSize() - end;
    if (torn <= 0) return;
    this.#truncatedBytes += torn;
    segment.cutToSize();
  }
}

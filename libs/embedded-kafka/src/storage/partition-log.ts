import { ErrorCode, placeBatch, readBatchHeader, type RecordBatchHeader, stampBatch } from '@playhead/kafka-protocol';
import { rm } from 'node:fs/promises';
import type { AbortedTransaction } from './aborted-transactions.ts';
import { appended, refused, type AppendResult } from './append-result.ts';
import { syncDirectory } from './atomic-file.ts';
import { validateBatch } from './batch-validation.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CompactableLog } from './compaction/compactable-log.ts';
import type { FilePool } from './file-pool.ts';
import type { EpochEnd, LeaderEpochs } from './leader-epochs.ts';
import {
  refuseTransactions,
  type OpenTransactionOfProducer,
  type PartitionProducers,
  type TransactionCheck,
} from './partition-producers.ts';
import { OUT_OF_RANGE, readSegments, type ReadResult } from './read-segments.ts';
import { recoverLog } from './recovery.ts';
import { findTimestamp, type TimestampedOffset } from './segment-reader.ts';
import type { Segment } from './segment.ts';
import { SegmentList } from './segment-list.ts';
import type { LogConfig } from './topic-config.ts';
import { markerBatch, type TransactionMarker } from './transaction-marker.ts';

/** Bytes appended between two checkpoints: what a start after a crash reads of each partition, at most. */
const CHECKPOINT_INTERVAL_BYTES = 8 * 1024 * 1024;
/** A segment that is full is not read again by a start after a crash, unless less than this has been appended since the last checkpoint. */
const CHECKPOINT_AT_ROLL_BYTES = 1024 * 1024;

/** What a log needs from the broker. */
export interface PartitionLogOptions {
  readonly directory: string;
  readonly files: FilePool;
  readonly config: LogConfig;
  /** Most idempotent producers remembered per partition. */
  readonly maxProducers: number;
  /** Whether checkpoints are forced to the disk as well. */
  readonly durable: boolean;
}

/**
 * One partition's log: segments of raw record batches, the newest open. Everything is synchronous, so appends are in order without a lock, and an append
 * that has returned has been written to the file and survives the death of the process.
 */
export class PartitionLog implements CompactableLog {
  readonly directory: string;
  readonly files: FilePool;
  readonly durable: boolean;
  /** Bytes of a previous life that had to be read at the start, and those that were cut off. */
  readonly recovered: { readonly scannedBytes: number; readonly truncatedBytes: number };
  config: LogConfig;
  readonly #segments: SegmentList;
  readonly #producers: PartitionProducers;
  readonly #epochs: LeaderEpochs;
  /** A handful that come and go with each long poll: an array, as a set's tables would outlive the young generation. */
  readonly #listeners: (() => void)[] = [];
  #logStartOffset: number;
  #appendedBytes = 0;
  #checkpointedBytes = 0;
  #dirty: boolean;
  /** The open segment, once its file's name has been forced to the disk. */
  #namedOnDisk: Segment | null = null;
  #closed = false;

  /** Opens the directory, which is created if need be, and recovers what is in it. */
  constructor(options: PartitionLogOptions) {
    const { segments, logStartOffset, producers, epochs, scannedBytes, truncatedBytes } = recoverLog(
      options.directory,
      options.files,
      options.maxProducers,
    );
    this.directory = options.directory;
    this.config = options.config;
    this.recovered = { scannedBytes, truncatedBytes };
    this.files = options.files;
    this.durable = options.durable;
    this.#segments = new SegmentList(options.directory, options.files, segments);
    this.#logStartOffset = logStartOffset;
    this.#producers = producers;
    this.#epochs = epochs;
    this.#dirty = scannedBytes + truncatedBytes > 0;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** The offset that the next record gets. With one replica it is the high watermark as well. */
  get nextOffset(): number {
    return this.#segments.active.nextOffset;
  }

  /** Everything below it belongs to no open transaction: where readers of committed records stop, and what compaction may look at. */
  get lastStableOffset(): number {
    return Math.max(this.#logStartOffset, this.#producers.stableBefore(this.nextOffset));
  }

  /** The aborted transactions that have an offset at or after `from` and before `upTo`, by their first offset. */
  abortedWithin(from: number, upTo: number): AbortedTransaction[] {
    return this.#producers.abortedWithin(from, upTo);
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.#producers.hasOpenTransaction(producerId);
  }

  /** The transactions without a marker, oldest first. */
  openTransactions(): OpenTransactionOfProducer[] {
    return this.#producers.openTransactions();
  }

  get leaderEpoch(): number {
    return this.#epochs.current;
  }

  get segmentCount(): number {
    return this.#segments.count;
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  /** Bytes appended since the start: what a long poll measures growth by. */
  get appendedBytes(): number {
    return this.#appendedBytes;
  }

  /** Of the bytes appended since the start, those below the last stable offset: what a reader of committed records waits for. */
  get stableBytes(): number {
    return this.#producers.stableBytes(this.#appendedBytes);
  }

  /** True once the log was closed or deleted. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Appends what a producer sent; `produced` is changed in place (offset, epoch and, with LogAppendTime, time). `mayBegin` is asked before the first batch of a
   * transaction; without it transactional batches are refused. Never throws for bad input or a full disk.
   */
  append(
    produced: Buffer | null,
    produceVersion: number,
    nowMs: number,
    mayBegin: TransactionCheck = refuseTransactions,
  ): AppendResult {
    const validation = validateBatch(produced, this.config, produceVersion, nowMs);
    if (validation.header === undefined)
      return refused(validation.errorCode, validation.message, validation.invalidRecords);
    const { records, header } = validation;
    const { logAppendTime } = this.config;
    const answer = this.#producers.answerWithoutAppending(header, logAppendTime, mayBegin);
    if (answer !== null) return answer;
    let baseOffset: number;
    try {
      baseOffset = this.#write(records, header, nowMs);
    } catch (error) {
      return refused(ErrorCode.KAFKA_STORAGE_ERROR, `The log could not be written: ${(error as Error).message}`);
    }
    const timestampMs = logAppendTime ? nowMs : header.maxTimestamp;
    this.#producers.note(header, { baseOffset, timestampMs, nowMs, appendedBytesBefore: this.#appendedBytes });
    this.#appended(header.sizeInBytes);
    return appended(baseOffset, logAppendTime ? nowMs : -1);
  }

  /** Ends a producer's transaction here with a marker, which is written whether or not it has one open. Throws what the file system throws, and then has not. */
  endTransaction(marker: TransactionMarker, nowMs: number): void {
    const records = markerBatch(marker, nowMs);
    const header = readBatchHeader(records) as RecordBatchHeader;
    const offset = this.#write(records, header, nowMs);
    this.#producers.noteMarker(marker, offset, nowMs);
    this.#appended(header.sizeInBytes);
  }

  /** Whole batches from the one that holds `offset` on, of one segment and below `upTo`, which is the log's end unless it is given; see {@link readSegments}. */
  read(offset: number, maxBytes: number, atLeastOne: boolean, upTo: number = this.nextOffset): ReadResult {
    if (offset < this.#logStartOffset || offset > this.nextOffset) return OUT_OF_RANGE;
    return readSegments(this.#segments, offset, { maxBytes, atLeastOne, upTo });
  }

  /** The first record with at least this timestamp, or null. */
  findTimestamp(timestampMs: number): TimestampedOffset | null {
    for (const segment of this.#segments) {
      if (segment.maxTimestampMs < timestampMs) continue;
      const found = findTimestamp(segment, timestampMs, this.#logStartOffset);
      if (found !== null) return found;
    }
    return null;
  }

  /** The leader epoch of the record at an offset; at the end, the present one. */
  epochAt(offset: number): number {
    return this.#epochs.at(offset, this.nextOffset);
  }

  /** Where the log of a leader epoch ended. */
  endOfEpoch(epoch: number): EpochEnd {
    return this.#epochs.endOf(epoch, this.nextOffset);
  }

  /** Moves the log's start forward, durably for a restart; answers the new start, or null when the offset lies beyond the end. */
  deleteRecordsBefore(offset: number): number | null {
    const target = offset === -1 ? this.nextOffset : offset;
    if (target > this.nextOffset || target < 0) return null;
    if (target > this.#logStartOffset) this.#moveStart(target);
    return this.#logStartOffset;
  }

  /** Drops what retention no longer keeps, and closes the open segment when it is old; answers the number of segments dropped. */
  applyRetention(nowMs: number): number {
    const { deletes, retentionMs, segmentMs } = this.config;
    const segments = this.#segments;
    const expired = deletes && retentionMs >= 0 && segments.isWhollyExpired(retentionMs, nowMs);
    if ((expired || segments.isOlderThan(segmentMs, nowMs)) && segments.roll()) this.#dirty = true;
    if (!deletes) return 0;
    const start = segments.retainedFrom(this.config, nowMs);
    return start > this.#logStartOffset ? this.#moveStart(start) : 0;
  }

  /** Forgets idempotent producers that have been silent since a time. */
  expireProducers(olderThanMs: number): void {
    this.#producers.expire(olderThanMs);
  }

  get closedSegments(): readonly Segment[] {
    return this.#segments.closed;
  }

  get openSegmentBytes(): number {
    return this.#segments.active.size;
  }

  /** The base offset of the last batch that is remembered of a producer: compaction keeps that batch, emptied if need be. */
  lastBatchOf(producerId: number): number | undefined {
    return this.#producers.lastBatchOf(producerId);
  }

  closeOpenSegment(): void {
    if (this.#segments.roll()) this.#dirty = true;
  }

  /** Readers go on where they are: offsets stay what they were. The checkpoint must not point into a segment that is replaced, so it is written before. */
  replaceSegments(sources: readonly Segment[], droppedMarkers: readonly number[]): void {
    this.#producers.forgetAborted(droppedMarkers);
    this.#dirty = true;
    this.checkpoint();
    this.#segments.replace(sources, this.durable);
  }

  /** Resolves when what has been appended is on the disk. */
  sync(): Promise<void> {
    const { active } = this.#segments;
    if (active !== this.#namedOnDisk) syncDirectory(this.directory);
    this.#namedOnDisk = active;
    return active.sync();
  }

  /** Calls the listener after each change of the log's end or start and when it is closed, until `offChange`. Listeners must not throw, and not add or remove any. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  offChange(listener: () => void): void {
    const listeners = this.#listeners;
    const at = listeners.indexOf(listener);
    if (at === -1) return;
    listeners[at] = listeners.at(-1)!;
    listeners.pop();
  }

  /** Saves the state, so that a start reads nothing of the log before this point. Does nothing if nothing has changed. */
  checkpoint(): void {
    if (!this.#dirty) return;
    this.#segments.active.flushIndex();
    const { baseOffset, size, nextOffset, maxTimestampMs } = this.#segments.active;
    writeCheckpoint(
      this.directory,
      {
        logStartOffset: this.#logStartOffset,
        segment: { baseOffset, size, nextOffset, maxTimestampMs },
        epochs: this.#epochs.snapshot(),
        ...this.#producers.save(this.durable),
      },
      this.durable,
    );
    this.#checkpointedBytes = this.#appendedBytes;
    this.#dirty = false;
  }

  /** Saves the state, if the disk takes it, and closes the files. */
  close(): void {
    if (this.#closed) return;
    this.#tryCheckpoint();
    this.#end();
  }

  /** Closes the log and removes its directory in the background. */
  async delete(): Promise<void> {
    this.#end();
    await rm(this.directory, { recursive: true, force: true });
  }

  #end(): void {
    this.#closed = true;
    for (const segment of this.#segments) segment.close();
    this.#notify();
    this.#listeners.length = 0;
  }

  /** Puts a batch at the log's end; answers its offset. Throws what the file system throws, and then the log is as before. */
  #write(records: Buffer, header: RecordBatchHeader, nowMs: number): number {
    const { logAppendTime } = this.config;
    const baseOffset = this.nextOffset;
    if (logAppendTime) stampBatch(records, 0, header.sizeInBytes, nowMs);
    placeBatch(records, 0, baseOffset, this.#epochs.current);
    this.#rollIfFull(header, nowMs);
    const maxTimestampMs = logAppendTime ? nowMs : header.maxTimestamp;
    this.#segments.active.append(records, baseOffset, baseOffset + header.lastOffsetDelta, maxTimestampMs);
    this.#segments.grown(nowMs);
    this.#epochs.note(this.#epochs.current, baseOffset);
    return baseOffset;
  }

  #appended(bytes: number): void {
    this.#dirty = true;
    this.#appendedBytes += bytes;
    if (this.#appendedBytes - this.#checkpointedBytes >= CHECKPOINT_INTERVAL_BYTES) this.#tryCheckpoint();
    this.#notify();
  }

  /** All batches are in the log: a full disk only makes the next start read more. It is tried again after another interval. */
  #tryCheckpoint(): void {
    try {
      this.checkpoint();
    } catch {
      this.#checkpointedBytes = this.#appendedBytes;
    }
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #rollIfFull(header: RecordBatchHeader, nowMs: number): void {
    if (!this.#segments.isFullFor(header.sizeInBytes, header.lastOffsetDelta, this.config, nowMs)) return;
    if (!this.#segments.roll()) return;
    this.#dirty = true;
    if (this.#appendedBytes - this.#checkpointedBytes >= CHECKPOINT_AT_ROLL_BYTES) this.#tryCheckpoint();
  }

  /**
   * Saves the new start before files go, so that a crash in between leaves a log that starts where it says. Where a segment starts the files say it as
   * well: a disk that is too full for the checkpoint does not keep retention from making room.
   */
  #moveStart(offset: number): number {
    const before = this.#logStartOffset;
    this.#logStartOffset = offset;
    this.#dirty = true;
    try {
      this.checkpoint();
    } catch (error) {
      if (!this.#segments.startsAt(offset)) {
        this.#logStartOffset = before;
        throw error;
      }
    }
    this.#epochs.trim(offset);
    this.#producers.trim(offset);
    const dropped = this.#segments.dropBefore(offset);
    this.#notify();
    return dropped;
  }
}

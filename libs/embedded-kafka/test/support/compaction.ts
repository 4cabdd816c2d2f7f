import { ControlType, RecordCursor } from '@playhead/kafka-protocol';
import { cpSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { findCleanable } from '../../src/storage/compaction/cleanable.ts';
import { readCleanerCheckpoint, writeCleanerCheckpoint } from '../../src/storage/compaction/cleaner-checkpoint.ts';
import type { CompactableLog } from '../../src/storage/compaction/compactable-log.ts';
import { compact } from '../../src/storage/compaction/compaction-pass.ts';
import { KeyOffsets } from '../../src/storage/compaction/key-offsets.ts';
import { swapRangeOf } from '../../src/storage/compaction/swap-files.ts';
import { TimeSlice } from '../../src/storage/compaction/time-slice.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Segment } from '../../src/storage/segment.ts';

/** Settings of a compacted topic whose every closed segment is worth a pass. */
export const EAGER = {
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0',
  'segment.bytes': '300',
} as const;

/** One pass as the broker's cleaner makes it; false when there was nothing to do. `view` is what the pass sees of the log. */
export async function compactOnce(
  log: PartitionLog,
  options: { readonly nowMs?: number; readonly mapBytes?: number; readonly view?: CompactableLog } = {},
): Promise<boolean> {
  const { nowMs = 10_000, mapBytes = 64 * 1024, view = log } = options;
  const cleanable = findCleanable(view, readCleanerCheckpoint(log.directory), nowMs);
  if (cleanable === null) return false;
  const { signal } = new AbortController();
  const checkpoint = await compact(view, cleanable, {
    latest: new KeyOffsets(mapBytes),
    slice: new TimeSlice(),
    nowMs,
    signal,
  });
  writeCleanerCheckpoint(log.directory, checkpoint);
  return true;
}

/** A record as a consumer sees it. */
export interface SeenRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
}

/** All records of a log, by fetches that each begin after the last batch of the one before. Throws where a consumer would hang. */
export function consume(log: PartitionLog, maxBytes = 700): SeenRecord[] {
  const seen: SeenRecord[] = [];
  const cursor = new RecordCursor();
  for (let offset = log.logStartOffset; offset < log.nextOffset;) {
    cursor.reset(log.read(offset, maxBytes, true).records);
    const from = offset;
    while (cursor.nextBatch()) {
      if (!cursor.crcValid()) throw new Error(`the batch at offset ${cursor.baseOffset} fails its checksum`);
      while (!cursor.isControl && cursor.next()) if (cursor.offset >= from) seen.push(recordAt(cursor));
      offset = cursor.lastOffset + 1;
    }
    if (offset === from) throw new Error(`no batch at offset ${from}, the log ends at ${log.nextOffset}`);
  }
  return seen;
}

/** The records that a reader of committed ones sees below the last stable offset; it drops what was aborted as clients do. */
export function consumeCommitted(log: PartitionLog, maxBytes = 700): SeenRecord[] {
  const seen: SeenRecord[] = [];
  const cursor = new RecordCursor();
  const end = log.lastStableOffset;
  for (let offset = log.logStartOffset; offset < end;) {
    const from = offset;
    const { records, endOffset } = log.read(from, maxBytes, true, end);
    const aborted = log.abortedWithin(from, endOffset);
    const dropped = new Set<number>();
    cursor.reset(records);
    while (cursor.nextBatch()) {
      while (aborted[0] !== undefined && aborted[0].firstOffset <= cursor.lastOffset)
        dropped.add(aborted.shift()?.producerId ?? -1);
      offset = cursor.lastOffset + 1;
      if (cursor.isControl) {
        if (cursor.next() && cursor.controlType() === ControlType.ABORT) dropped.delete(cursor.producerId);
        continue;
      }
      if (cursor.isTransactional && dropped.has(cursor.producerId)) continue;
      while (cursor.next()) if (cursor.offset >= from) seen.push(recordAt(cursor));
    }
    if (offset === from) throw new Error(`no batch at offset ${from}, the stable part ends at ${end}`);
  }
  return seen;
}

/** The last value of each key: what a table read from the log holds. */
export function tableOf(records: readonly SeenRecord[]): Map<string | null, string> {
  const table = new Map<string | null, string>();
  for (const { key, value } of records) {
    if (value === null) table.delete(key);
    else table.set(key, value);
  }
  return table;
}

/** `offset:key=value` of each record. */
export const brief = (records: readonly SeenRecord[]): string[] =>
  records.map(({ offset, key, value }) => `${offset}:${key}=${value}`);

function recordAt(cursor: RecordCursor): SeenRecord {
  const text = (start: number, end: number): string | null =>
    start < 0 ? null : cursor.bytes.toString('utf8', start, end);
  return {
    offset: cursor.offset,
    key: text(cursor.keyStart, cursor.keyEnd),
    value: text(cursor.valueStart, cursor.valueEnd),
    timestampMs: cursor.timestamp,
  };
}

/** Thrown where a test lets the process die. */
export class Killed extends Error {}

/**
 * A log whose process dies when a compacted segment is to take the place of its sources for the `nth` time, after so many of the swap's renames.
 * The directory as it is then is copied to `remains`.
 */
export function diesInSwap(log: PartitionLog, remains: string, nth: number, renames: number): CompactableLog {
  let swaps = 0;
  return {
    directory: log.directory,
    files: log.files,
    durable: false,
    get config() {
      return log.config;
    },
    get closed() {
      return log.closed;
    },
    get logStartOffset() {
      return log.logStartOffset;
    },
    get nextOffset() {
      return log.nextOffset;
    },
    get lastStableOffset() {
      return log.lastStableOffset;
    },
    get closedSegments() {
      return log.closedSegments;
    },
    get openSegmentBytes() {
      return log.openSegmentBytes;
    },
    abortedWithin: (from, upTo) => log.abortedWithin(from, upTo),
    lastBatchOf: (producerId) => log.lastBatchOf(producerId),
    closeOpenSegment: () => log.closeOpenSegment(),
    replaceSegments(sources, droppedMarkers) {
      if (++swaps < nth) {
        log.replaceSegments(sources, droppedMarkers);
        return;
      }
      log.checkpoint();
      cpSync(log.directory, remains, { recursive: true });
      for (const [from, to] of renamesOfSwap(sources).slice(0, renames)) {
        if (existsSync(join(remains, from))) renameSync(join(remains, from), join(remains, to));
      }
      throw new Killed();
    },
  };
}

/** The renames of a swap in their order; see swap-files.ts. */
export function renamesOfSwap(sources: readonly Segment[]): [from: string, to: string][] {
  const name = (offset: number): string => String(offset).padStart(20, '0');
  const range = swapRangeOf(sources);
  const base = name(range.base);
  const end = name(range.end);
  const old = sources.map(({ baseOffset }) => name(baseOffset));
  return [
    [`${base}.cleaned.index`, `${base}-${end}.swap.index`],
    [`${base}.cleaned.log`, `${base}-${end}.swap.log`],
    ...old.flatMap((segment): [string, string][] => [
      [`${segment}.log`, `${segment}.log.deleted`],
      [`${segment}.index`, `${segment}.index.deleted`],
    ]),
    [`${base}-${end}.swap.index`, `${base}.index`],
    [`${base}-${end}.swap.log`, `${base}.log`],
  ];
}

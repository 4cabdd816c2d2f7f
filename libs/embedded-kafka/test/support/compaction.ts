import { RecordCursor } from '@playhead/kafka-protocol';
import { findCleanable } from '../../src/storage/compaction/cleanable.ts';
import { readCleanerCheckpoint, writeCleanerCheckpoint } from '../../src/storage/compaction/cleaner-checkpoint.ts';
import type { CompactableLog } from '../../src/storage/compaction/compactable-log.ts';
import { compact } from '../../src/storage/compaction/compaction-pass.ts';
import { KeyOffsets } from '../../src/storage/compaction/key-offsets.ts';
import { TimeSlice } from '../../src/storage/compaction/time-slice.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';

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
      while (cursor.next()) if (cursor.offset >= from) seen.push(recordAt(cursor));
      offset = cursor.lastOffset + 1;
    }
    if (offset === from) throw new Error(`no batch at offset ${from}, the log ends at ${log.nextOffset}`);
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

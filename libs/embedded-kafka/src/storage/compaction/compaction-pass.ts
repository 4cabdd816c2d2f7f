import { BatchOffset, readInt64 } from '@playhead/kafka-protocol';
import { MAX_RELATIVE_OFFSET, Segment } from '../segment.ts';
import type { LogConfig } from '../topic-config.ts';
import { BatchFilter } from './batch-filter.ts';
import { type Cleanable, firstTimestampOf } from './cleanable.ts';
import type { CleanerCheckpoint } from './cleaner-checkpoint.ts';
import type { CompactableLog } from './compactable-log.ts';
import type { KeyOffsets } from './key-offsets.ts';
import { mapKeys } from './map-keys.ts';
import { batchesFrom } from './segment-batches.ts';
import { cleanedName } from './swap-files.ts';
import type { TimeSlice } from './time-slice.ts';
import { TransactionFilter } from './transaction-filter.ts';

/** Part of `retention.ms` that a compacted segment may span: what is past its time goes at most so much later. */
const MAX_SPAN = 0.25;

/** The broker is closing, the log was deleted, or retention took a segment while it was being compacted: the pass ends and nothing is lost. */
export class CompactionInterrupted extends Error {
  constructor() {
    super('the compaction was interrupted');
    this.name = 'CompactionInterrupted';
  }
}

/** What a pass works with. */
export interface PassOptions {
  /** Is emptied first. */
  readonly latest: KeyOffsets;
  readonly slice: TimeSlice;
  readonly nowMs: number;
  /** Ends the pass. */
  readonly signal: AbortSignal;
}

/** A pass under way. */
interface Pass {
  readonly log: CompactableLog;
  readonly filter: BatchFilter;
  readonly slice: TimeSlice;
  readonly signal: AbortSignal;
}

/**
 * One pass over a log: the latest offsets of the keys in the dirty part are noted, then all segments are written anew without what these have overtaken,
 * the oldest first, several small ones into one. Each new segment takes the place of its sources at once. Throws {@link CompactionInterrupted}, or what
 * the file system throws (a full disk); the log is whole in any case, and the pass is to be done again.
 */
export async function compact(
  log: CompactableLog,
  cleanable: Cleanable,
  options: PassOptions,
): Promise<CleanerCheckpoint> {
  const { segments, firstDirtyOffset } = cleanable;
  const { latest, slice, nowMs, signal } = options;
  const end = segments.at(-1)?.nextOffset ?? firstDirtyOffset;
  latest.clear();
  const dirtyUpTo = await mapKeys(segments, firstDirtyOffset, {
    latest,
    transactions: new TransactionFilter(log.abortedWithin(firstDirtyOffset, end)),
    slice,
    check: (segment) => ensureWhole({ log, signal }, [segment]),
  });
  const filter = new BatchFilter({
    latest,
    upTo: dirtyUpTo,
    transactions: new TransactionFilter(log.abortedWithin(segments[0]?.baseOffset ?? 0, end)),
    slice,
    nowMs,
    deleteRetentionMs: log.config.deleteRetentionMs,
    // Where the log ends no offset may be given twice, and where it is stable a reader of committed records has to arrive.
    keepsPlace: ({ producerId, baseOffset, lastOffset }) =>
      lastOffset + 1 === log.lastStableOffset || (producerId >= 0 && log.lastBatchOf(producerId) === baseOffset),
  });
  const toClean = segments.filter(({ baseOffset }) => baseOffset < dirtyUpTo);
  const pass = { log, filter, slice, signal };
  for (let from = 0; from < toClean.length; from += await cleanGroup(pass, toClean.slice(from)));
  return { firstDirtyOffset: dirtyUpTo, latestHorizonMs: filter.latestHorizonMs };
}

/** Writes as many of the segments as fit into one, which takes their place; answers how many. */
async function cleanGroup(pass: Pass, segments: readonly Segment[]): Promise<number> {
  const { log, filter, slice } = pass;
  const base = (segments[0] as Segment).baseOffset;
  const target = new Segment(log.directory, base, log.files, cleanedName(base));
  target.cutToSize(); // A pass that failed may have left a file.
  const sources: Segment[] = [];
  const firstMs = firstTimestampOf(segments[0] as Segment);
  try {
    let isChanged = false;
    for (const source of segments) {
      if (sources[0] !== undefined && !mayJoin(target, source, log.config, firstMs)) break;
      sources.push(source);
      if (await copySegment(pass, source, target)) isChanged = true;
    }
    target.seal();
    if (log.durable) await slice.whileWaiting(target.sync());
    target.close();
    ensureWhole(pass, sources);
    if (isChanged || sources.length > 1) log.replaceSegments(sources, filter.takeDroppedMarkers());
    else target.delete();
    return sources.length;
  } catch (error) {
    target.delete();
    throw error;
  }
}

/** Whether anything of the source did not come along as it was. */
async function copySegment(pass: Pass, source: Segment, target: Segment): Promise<boolean> {
  const { filter, slice } = pass;
  let isChanged = false;
  ensureWhole(pass, [source]);
  for (const { bytes, header } of batchesFrom(source, source.baseOffset)) {
    const kept = await filter.filter(bytes, header);
    if (kept !== null)
      target.append(kept, header.baseOffset, header.lastOffset, readInt64(kept, BatchOffset.MAX_TIMESTAMP));
    if (kept !== bytes) isChanged = true;
    if (slice.isOver) await slice.rest();
    ensureWhole(pass, [source]);
  }
  return isChanged;
}

/**
 * Whether a segment may become a part of the new one. Where old segments are also dropped by time, one must not span much of it: its youngest record
 * keeps all the others.
 */
function mayJoin(target: Segment, source: Segment, config: LogConfig, firstMs: number): boolean {
  const { segmentBytes, deletes, retentionMs } = config;
  if (target.size + source.size > segmentBytes) return false;
  if (source.nextOffset - target.baseOffset > MAX_RELATIVE_OFFSET) return false;
  return !deletes || retentionMs < 0 || source.maxTimestampMs - firstMs <= retentionMs * MAX_SPAN;
}

/** A segment that was taken away must not be read: its file would be made again. */
function ensureWhole({ log, signal }: Pick<Pass, 'log' | 'signal'>, segments: readonly Segment[]): void {
  if (signal.aborted || log.closed || segments.some((segment) => segment.isDeleted)) throw new CompactionInterrupted();
}

import type { Segment } from '../segment.ts';
import type { KeyOffsets } from './key-offsets.ts';
import { isWalkable, openRecords } from './open-records.ts';
import { RecordWalk } from './record-walk.ts';
import { batchesFrom, type StoredBatch } from './segment-batches.ts';
import type { TimeSlice } from './time-slice.ts';
import type { TransactionFilter } from './transaction-filter.ts';

/** What {@link mapKeys} works with. */
export interface MappingOptions {
  readonly latest: KeyOffsets;
  readonly transactions: TransactionFilter;
  readonly slice: TimeSlice;
  /** Throws when the segment must not be read any more. */
  check(segment: Segment): void;
}

/** Notes the latest offset of each key in closed segments from an offset on; answers the offset up to which it got before the map was full. */
export async function mapKeys(segments: readonly Segment[], from: number, options: MappingOptions): Promise<number> {
  let upTo = from;
  for (const segment of segments) {
    if (segment.nextOffset <= from) continue;
    options.check(segment);
    for (const batch of batchesFrom(segment, from)) {
      const fullAt = await mapBatch(batch, from, options);
      if (fullAt !== null) return fullAt;
      if (options.slice.isOver) await options.slice.rest();
      options.check(segment);
    }
    upTo = segment.nextOffset;
  }
  return upTo;
}

/** The offset of the first record that found the map full, or null. Records that will not stay do not count as the latest. */
async function mapBatch(
  { bytes, header }: StoredBatch,
  from: number,
  { latest, transactions, slice }: MappingOptions,
): Promise<number | null> {
  if (header.isControl) transactions.end(header);
  if (header.isControl || transactions.isTakenBack(header)) return null;
  const opened = await openRecords(bytes, header);
  if (opened === null) return null;
  let fullAt: number | null = null;
  const walk = new RecordWalk(opened.bytes, opened.start, header.recordCount, header.baseOffset);
  const noteAll = async (): Promise<void> => {
    for (let index = 0; walk.next(); index++) {
      const offset = header.baseOffset + walk.offsetDelta;
      if (walk.keyStart < 0 || offset < from) continue;
      if (!latest.put(opened.bytes, walk.keyStart, walk.keyEnd, offset)) {
        fullAt = offset;
        return;
      }
      if (slice.isOverAt(index)) await slice.rest();
    }
  };
  await isWalkable(noteAll);
  return fullAt;
}

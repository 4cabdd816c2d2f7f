import { syncDirectory } from './atomic-file.ts';
import { cleanedName, swapName, swapRangeOf } from './compaction/swap-files.ts';
import type { FilePool } from './file-pool.ts';
import { MAX_RELATIVE_OFFSET, Segment, segmentName } from './segment.ts';
import type { LogConfig } from './topic-config.ts';

/** The segments of one partition, by offset; the last one is open. Decides when to close it and what retention no longer keeps. */
export class SegmentList {
  readonly #directory: string;
  readonly #files: FilePool;
  readonly #segments: Segment[];
  #active: Segment;
  /** When the open segment's first batch came; null while it is empty. */
  #activeSinceMs: number | null;
  /** A compacted segment that counts already while the swap's last steps are to be taken. */
  #swapping: { readonly sources: readonly Segment[]; readonly compacted: Segment } | null = null;

  /** `segments` has at least one element. */
  constructor(directory: string, files: FilePool, segments: Segment[]) {
    this.#directory = directory;
    this.#files = files;
    this.#segments = segments;
    this.#active = segments.at(-1) as Segment;
    this.#activeSinceMs = this.#active.maxTimestampMs >= 0 ? this.#active.maxTimestampMs : null;
  }

  get active(): Segment {
    return this.#active;
  }

  /** All but the open one. */
  get closed(): readonly Segment[] {
    return this.#segments.slice(0, -1);
  }

  get count(): number {
    return this.#segments.length;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.#segments[Symbol.iterator]();
  }

  /** The segment that holds the offset or, where compaction left a hole, the next batch after it; undefined at the end. */
  holding(offset: number): Segment | undefined {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle] as Segment).nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return this.#segments[low];
  }

  /** Whether a segment begins with the offset. */
  startsAt(offset: number): boolean {
    return this.#segments.some(({ baseOffset }) => baseOffset === offset);
  }

  /** Notes that the open segment has grown. */
  grown(nowMs: number): void {
    this.#activeSinceMs ??= nowMs;
  }

  /** Whether a batch of this size and offset span must go into a new segment. */
  isFullFor(batchBytes: number, lastOffsetDelta: number, config: LogConfig, nowMs: number): boolean {
    const { size, nextOffset, baseOffset } = this.#active;
    return (
      size + batchBytes > config.segmentBytes ||
      nextOffset + lastOffsetDelta - baseOffset > MAX_RELATIVE_OFFSET ||
      this.isOlderThan(config.segmentMs, nowMs)
    );
  }

  /** Whether the open segment holds a batch that came before this many milliseconds. */
  isOlderThan(ageMs: number, nowMs: number): boolean {
    return this.#activeSinceMs !== null && nowMs - this.#activeSinceMs > ageMs;
  }

  /** Closes the open segment and opens the next; false when it is empty and stays. */
  roll(): boolean {
    if (this.#active.size === 0) return false;
    this.#active.seal();
    this.#active = new Segment(this.#directory, this.#active.nextOffset, this.#files);
    this.#segments.push(this.#active);
    this.#activeSinceMs = null;
    return true;
  }

  /** Whether every record of the partition is older than retention keeps: then the open segment is to be closed too. */
  isWhollyExpired(retentionMs: number, nowMs: number): boolean {
    return this.#segments.every((segment) => isExpired(segment, retentionMs, nowMs));
  }

  /** The first offset that retention by time and by size keeps. */
  retainedFrom(config: LogConfig, nowMs: number): number {
    const { retentionMs, retentionBytes } = config;
    let excess = retentionBytes < 0 ? -1 : this.sizeBytes - retentionBytes;
    for (const segment of this.#segments) {
      if (segment === this.#active) break;
      const expired = retentionMs >= 0 && isExpired(segment, retentionMs, nowMs);
      if (!expired && excess < segment.size) return segment.baseOffset;
      excess -= segment.size;
    }
    return this.#active.baseOffset;
  }

  /**
   * Puts the compacted segment that was written beside them in the place of closed segments that follow each other; swap-files.ts has the steps. Throws
   * what the file system throws: the log then goes on with the old segments or the new one, and the next call takes the steps that are left first.
   */
  replace(sources: readonly Segment[], durable: boolean): void {
    this.#finishSwap();
    const range = swapRangeOf(sources);
    const compacted = new Segment(this.#directory, range.base, this.#files, cleanedName(range.base));
    if (!compacted.openClosed())
      throw new Error(`the compacted segment ${range.base} does not end where its index does`);
    try {
      compacted.rename(swapName(range));
    } catch (error) {
      compacted.delete();
      throw error;
    }
    this.#segments.splice(this.#segments.indexOf(sources[0] as Segment), sources.length, compacted);
    this.#swapping = { sources, compacted };
    if (durable) syncDirectory(this.#directory);
    this.#finishSwap();
  }

  #finishSwap(): void {
    if (this.#swapping === null) return;
    const { sources, compacted } = this.#swapping;
    for (const source of sources) source.delete();
    // Retention may have taken it in the meantime.
    if (!compacted.isDeleted) compacted.rename(segmentName(compacted.baseOffset));
    this.#swapping = null;
  }

  /** Removes the closed segments that lie before an offset; answers how many. */
  dropBefore(offset: number): number {
    let dropped = 0;
    while (this.#segments.length > 1 && (this.#segments[0] as Segment).nextOffset <= offset) {
      (this.#segments.shift() as Segment).delete();
      dropped++;
    }
    return dropped;
  }
}

/** A segment whose records carry no time (−1) never expires; one that compaction has emptied holds no other back. */
function isExpired(segment: Segment, retentionMs: number, nowMs: number): boolean {
  if (segment.size === 0) return true;
  return segment.maxTimestampMs >= 0 && segment.maxTimestampMs < nowMs - retentionMs;
}

import { readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from '../segment.ts';

// How a compacted segment takes the place of others, `end` lying beyond the base offset of the last one it replaces:
//
//   1  <base>.cleaned.log and <base>.cleaned.index are written
//   2  <base>.cleaned.index becomes <base>-<end>.swap.index
//   3  <base>.cleaned.log becomes <base>-<end>.swap.log        from here on the new segment counts, before it the old ones
//   4  the logs of the old segments in [base, end) get another name, for to replace a large file by a rename takes as long as to free it
//   5  the .swap.index becomes <base>.index
//   6  the .swap.log becomes <base>.log
//
// A start after a crash removes what is at step 1 or 2 and does steps 4 to 6 for what has reached step 3; each of them may be done twice.

const CLEANED_FILE = /^\d{20}\.cleaned\./;
const SWAP_FILE = /^(\d{20})-(\d{20})\.swap\.(log|index)$/;
const SEGMENT_FILE = /^(\d{20})\.(log|index)$/;
const DIGITS = 20;

const digits = (offset: number): string => String(offset).padStart(DIGITS, '0');

/** The base offsets of the segments that a compacted one replaces: from `base` on and below `end`. */
export interface SwapRange {
  readonly base: number;
  readonly end: number;
}

/** The range of closed segments that follow each other. */
export function swapRangeOf(sources: readonly Segment[]): SwapRange {
  const first = sources[0] as Segment;
  const last = sources.at(-1) as Segment;
  // Compaction may have left the last one without a batch.
  return { base: first.baseOffset, end: Math.max(last.nextOffset, last.baseOffset + 1) };
}

/** The name, without `.log` and `.index`, that a compacted segment is written under. */
export const cleanedName = (base: number): string => `${digits(base)}.cleaned`;

/** The name that says what the segment replaces: its log counts as soon as it has it. */
export const swapName = ({ base, end }: SwapRange): string => `${digits(base)}-${digits(end)}.swap`;

/** Removes what an interrupted compaction left and completes a swap that was under way. Called before the directory's segments are looked at. */
export function recoverSwaps(directory: string): void {
  const names = readdirSync(directory);
  for (const name of names) if (CLEANED_FILE.test(name)) rmSync(join(directory, name), { force: true });
  for (const name of names) {
    const [, base, end, kind] = SWAP_FILE.exec(name) ?? [];
    if (kind === 'log') completeSwap(directory, names, { base: Number(base), end: Number(end) });
  }
  // What is left is the index of a swap that did not reach step 3: step 5 has taken those of the others.
  for (const name of names) if (SWAP_FILE.test(name)) rmSync(join(directory, name), { force: true });
}

function completeSwap(directory: string, names: readonly string[], range: SwapRange): void {
  for (const name of names) {
    const [, base = '-1', kind] = SEGMENT_FILE.exec(name) ?? [];
    if (Number(base) < range.base || Number(base) >= range.end) continue;
    // The first segment's index may be the new one's already.
    if (Number(base) === range.base && kind === 'index') continue;
    const path = join(directory, name);
    renameSync(path, `${path}.deleted`);
    rm(`${path}.deleted`, { force: true }).catch(() => {});
  }
  const swap = swapName(range);
  renameIfThere(join(directory, `${swap}.index`), join(directory, `${digits(range.base)}.index`));
  renameSync(join(directory, `${swap}.log`), join(directory, `${digits(range.base)}.log`));
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

import type { PackedEntries } from './packed-entries.ts';

/** Keys that a range finds by looking once at all entries; one that goes on sorts the rest. */
const FIRST = 1024;

/** Bounds of a range, in bytes; both inclusive, undefined is open. */
export interface PackedRange {
  readonly from: Uint8Array | undefined;
  readonly to: Uint8Array | undefined;
  readonly reverse: boolean;
}

/**
 * The keys of a range in the order of their bytes, as of the first call of `next`. There is no order to keep: the first
 * 1,024 keys are selected in one pass, which is all that a page of a search takes; only who reads on pays for sorting. Who
 * reads on may see a key that was added meanwhile where one was removed.
 */
export function* orderedKeys(entries: PackedEntries, range: PackedRange): Generator<Buffer> {
  const direction = range.reverse ? -1 : 1;
  const compare = (a: Buffer, b: Buffer): number => direction * Buffer.compare(a, b);
  const { first, slots } = smallest(entries, range, compare);
  yield* first;
  const last = first.at(-1);
  if (last === undefined || slots.length === first.length) return;
  const rest: Buffer[] = [];
  for (const slot of slots) {
    const address = entries.addressOf(slot);
    if (address < 0) continue;
    const key = entries.slabs.key(address);
    if (isWithin(key, range) && compare(key, last) > 0) rest.push(Buffer.from(key));
  }
  yield* rest.sort(compare);
}

/** The first keys, and the slots of all. */
function smallest(
  entries: PackedEntries,
  range: PackedRange,
  compare: (a: Buffer, b: Buffer) => number,
): { readonly first: readonly Buffer[]; readonly slots: Int32Array } {
  const slots = new Int32Array(entries.size);
  let matches = 0;
  let kept: Buffer[] = [];
  let worst: Buffer | undefined;
  for (let slot = 0; slot < entries.slots; slot++) {
    const address = entries.addressOf(slot);
    if (address < 0) continue;
    const key = entries.slabs.key(address);
    if (!isWithin(key, range)) continue;
    slots[matches++] = slot;
    if (worst !== undefined && compare(key, worst) >= 0) continue;
    kept.push(Buffer.from(key));
    // Sorted now and then rather than kept a heap: what does not come near is passed over by one comparison.
    if (kept.length === 2 * FIRST) {
      kept = kept.sort(compare).slice(0, FIRST);
      worst = kept.at(-1);
    }
  }
  return { first: kept.sort(compare).slice(0, FIRST), slots: slots.subarray(0, matches) };
}

const isWithin = (key: Buffer, { from, to }: PackedRange): boolean =>
  (from === undefined || key.compare(from) >= 0) && (to === undefined || key.compare(to) <= 0);

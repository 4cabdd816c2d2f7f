import type { ProducedRecord } from './paged-record.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * A changelog partition as a restore may find it: whole, or compacted up to a point that the seed chooses. Below that point only the last record of each key is left, and a last record that
 * deletes may be gone too, unless `keepsDeletes`.
 */
export function compactedView(
  records: readonly ProducedRecord[],
  random: SeededRandom | undefined,
  keepsDeletes = false,
): readonly ProducedRecord[] {
  if (random === undefined) return records;
  const cleanEnd = random.below(records.length + 1);
  const dropsDeletes = random.below(2) === 1 && !keepsDeletes;
  const last = new Map<string, number>();
  for (let at = 0; at < cleanEnd; at++) last.set(keyOf(records[at] as ProducedRecord), at);
  return records.filter((record, at) => {
    if (at >= cleanEnd) return true;
    return last.get(keyOf(record)) === at && (record.value !== null || !dropsDeletes);
  });
}

const keyOf = ({ key }: ProducedRecord): string => key?.toString('latin1') ?? '';

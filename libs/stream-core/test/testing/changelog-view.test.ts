import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compactedView } from '../../src/testing/changelog-view.ts';
import type { ProducedRecord } from '../../src/testing/paged-record.ts';
import { SeededRandom } from '../../src/testing/seeded-random.ts';

const record = ([key, value]: readonly [string, string | null]): ProducedRecord => ({
  topic: 't',
  partition: 0,
  timestamp: 0,
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: [],
});

/** What a store makes of them. */
function rows(records: readonly ProducedRecord[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const { key, value } of records) {
    if (value === null) found.delete(String(key));
    else found.set(String(key), String(value));
  }
  return Object.fromEntries([...found].sort());
}

const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.constantFrom('1', '2', '3'))));

test('a compacted changelog makes the same table, of records in their order', () => {
  fc.assert(
    fc.property(changes, fc.integer(), (given, seed) => {
      const records = given.map(record);
      const view = compactedView(records, new SeededRandom(seed));
      expect(rows(view)).toEqual(rows(records));
      expect(view).toEqual(records.filter((each) => view.includes(each)));
    }),
  );
});

test('what is compacted, and how far, is the seed’s choice; without one it is whole', () => {
  const records = [
    ['a', '1'],
    ['a', '2'],
    ['a', null],
    ['a', null],
  ].map((change) => record(change as [string, string | null]));
  const lengths = Array.from({ length: 50 }, (_, seed) => compactedView(records, new SeededRandom(seed)).length);
  expect([...new Set(lengths)].sort()).toEqual([0, 1, 2, 3, 4]);
  const last = records.slice(-1);
  const kept = Array.from({ length: 50 }, (_, seed) => compactedView(last, new SeededRandom(seed), true));
  expect(kept).toEqual(kept.map(() => last));
  expect(compactedView(records, undefined)).toBe(records);
});

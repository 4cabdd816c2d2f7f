import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { INDEX_ENTRY_BYTES, SparseIndex } from '../../src/storage/sparse-index.ts';

function indexOf(entries: readonly (readonly [offset: number, position: number, time: number])[]): SparseIndex {
  const index = new SparseIndex();
  for (const [offset, position, time] of entries) index.add(offset, position, time);
  return index;
}

describe('SparseIndex', () => {
  const index = indexOf([
    [10, 1000, 50],
    [20, 2000, 70],
    [30, 3000, 70],
  ]);

  test.each([
    ['before the first entry', 9, 0],
    ['at an entry', 10, 1000],
    ['between entries', 29, 2000],
    ['after the last', 99, 3000],
  ])('finds an offset %s', (_, offset, position) => {
    expect(index.floorOffset(offset)).toBe(position);
  });

  test.each([
    [50, 0],
    [51, 1000],
    [70, 1000],
    [71, 3000],
  ])('time %d is looked for from position %d on, where all before is older', (time, position) => {
    expect(index.floorTimestamp(time)).toBe(position);
  });

  test('forgets the entries at and after a position', () => {
    const shortened = indexOf([
      [1, 100, 1],
      [2, 200, 2],
      [3, 300, 3],
    ]);
    shortened.truncate(200);
    expect(shortened.count).toBe(1);
    expect(shortened.floorOffset(99)).toBe(100);
  });

  test('comes back from its file, without a torn last entry', () => {
    const file = Buffer.concat([index.bytesFrom(0), Buffer.alloc(INDEX_ENTRY_BYTES - 1)]);
    const read = SparseIndex.from(file);
    expect(read.count).toBe(3);
    expect(read.bytesFrom(0)).toEqual(index.bytesFrom(0));
  });

  test('floor searches agree with a scan of all entries', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 5 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.nat(2000), (increments, wanted) => {
        let [offset, position, time] = [0, 0, 0];
        const entries = increments.map(([o, p, t]) => [(offset += o), (position += p), (time += t)] as const);
        const built = indexOf(entries);
        expect(built.floorOffset(wanted)).toBe(entries.findLast(([o]) => o <= wanted)?.[1] ?? 0);
        expect(built.floorPosition(wanted)).toBe(entries.findLast(([, p]) => p <= wanted)?.[1] ?? 0);
        expect(built.floorTimestamp(wanted)).toBe(entries.findLast(([, , t]) => t < wanted)?.[1] ?? 0);
      }),
    );
  });
});

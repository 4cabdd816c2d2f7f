import { afterAll, expect, test } from '@jest/globals';
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AbortedTransactions } from '../../src/storage/aborted-transactions.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const ENTRY_BYTES = 32;

/** Transactions one after another, of ten offsets each: from 10 n to 10 n + 9. */
function addUpTo(aborted: AbortedTransactions, count: number, from = 0): void {
  for (let n = from; n < count; n++)
    aborted.add({ producerId: n, firstOffset: 10 * n, lastOffset: 10 * n + 9 }, 10 * n + 10);
}

function reopened(directory: string, belowOffset = Number.MAX_SAFE_INTEGER): AbortedTransactions {
  const aborted = new AbortedTransactions(directory);
  aborted.restore(belowOffset);
  return aborted;
}

const producersWithin = (aborted: AbortedTransactions, from: number, upTo: number): number[] =>
  aborted.within(from, upTo).map(({ producerId }) => producerId);

test('answers those that overlap a range, by their first offsets', () => {
  const aborted = new AbortedTransactions(directories.make());
  // 2 began before 1 and ended after it.
  aborted.add({ producerId: 1, firstOffset: 5, lastOffset: 8 }, 2);
  aborted.add({ producerId: 2, firstOffset: 2, lastOffset: 9 }, 10);
  aborted.add({ producerId: 3, firstOffset: 20, lastOffset: 21 }, 22);
  expect(producersWithin(aborted, 0, 100)).toEqual([2, 1, 3]);
  expect(producersWithin(aborted, 0, 3)).toEqual([2]);
  expect(producersWithin(aborted, 9, 20)).toEqual([2]);
  expect(producersWithin(aborted, 10, 20)).toEqual([]);
  expect(producersWithin(aborted, 21, 22)).toEqual([3]);
});

test('the file grows by what is new, and is read up to where a start reads the log', () => {
  const directory = directories.make();
  const aborted = new AbortedTransactions(directory);
  const size = (): number => statSync(join(directory, 'aborted.index')).size;
  addUpTo(aborted, 3);
  aborted.save(false);
  expect(size()).toBe(3 * ENTRY_BYTES);
  addUpTo(aborted, 5, 3);
  aborted.save(false);
  aborted.save(false);
  expect(size()).toBe(5 * ENTRY_BYTES);
  expect(producersWithin(reopened(directory), 0, 100)).toEqual([0, 1, 2, 3, 4]);
  const half = reopened(directory, 29);
  expect(producersWithin(half, 0, 100)).toEqual([0, 1]);
  // The log went on otherwise than the file says.
  half.add({ producerId: 9, firstOffset: 25, lastOffset: 40 }, 41);
  half.save(true);
  expect(producersWithin(reopened(directory), 0, 100)).toEqual([0, 1, 9]);
});

test('an entry that was torn off is left out and written over', () => {
  const directory = directories.make();
  const aborted = new AbortedTransactions(directory);
  addUpTo(aborted, 2);
  aborted.save(false);
  appendFileSync(join(directory, 'aborted.index'), Buffer.alloc(ENTRY_BYTES - 1, 0xff));
  const again = reopened(directory);
  addUpTo(again, 3, 2);
  again.save(false);
  expect(producersWithin(reopened(directory), 0, 100)).toEqual([0, 1, 2]);
});

test('those before the start of the log go, in the file too once it is worth it', () => {
  const directory = directories.make();
  const aborted = new AbortedTransactions(directory);
  addUpTo(aborted, 5000);
  aborted.save(false);
  aborted.trim(100);
  expect(aborted.count).toBe(5000);
  aborted.trim(49_990);
  expect(aborted.count).toBe(1);
  aborted.save(false);
  expect(statSync(join(directory, 'aborted.index')).size).toBe(ENTRY_BYTES);
  expect(producersWithin(reopened(directory), 0, 100_000)).toEqual([4999]);
});

test('those whose markers were compacted away go', () => {
  const directory = directories.make();
  const aborted = new AbortedTransactions(directory);
  addUpTo(aborted, 4);
  aborted.save(false);
  aborted.forget([9, 29, 1234]);
  expect(producersWithin(aborted, 0, 100)).toEqual([1, 3]);
  aborted.save(false);
  expect(producersWithin(reopened(directory), 0, 100)).toEqual([1, 3]);
});

test('those whose markers were cut off are answered, and gone', () => {
  const aborted = new AbortedTransactions(directories.make());
  addUpTo(aborted, 3);
  expect(aborted.cut(19)).toEqual([
    { producerId: 1, firstOffset: 10, lastOffset: 19 },
    { producerId: 2, firstOffset: 20, lastOffset: 29 },
  ]);
  expect(producersWithin(aborted, 0, 100)).toEqual([0]);
});

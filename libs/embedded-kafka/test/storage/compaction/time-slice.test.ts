import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { TimeSlice } from '../../../src/storage/compaction/time-slice.ts';

let nowMs: number;

beforeEach(() => {
  nowMs = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => void jest.restoreAllMocks());

/** How long the slice may be that follows work of so long and a rest of so long. */
async function sliceAfter(workedMs: number, restMs: number): Promise<number> {
  const slice = new TimeSlice();
  nowMs += workedMs;
  const resting = slice.rest();
  nowMs += restMs;
  await resting;
  const startedAt = nowMs;
  while (!slice.isOver) nowMs += 0.5;
  return nowMs - startedAt;
}

test('a busy broker left the cleaner one slice for each of its turns, and its logs grew for ever', async () => {
  expect([await sliceAfter(1, 4), await sliceAfter(1, 5.5)]).toEqual([1, 1]);
  expect([await sliceAfter(1, 8), await sliceAfter(1, 12), await sliceAfter(1, 100)]).toEqual([2, 3, 4]);
});

test('one batch that took long made all slices after it long, with nobody at the broker', async () => {
  expect([await sliceAfter(4, 17), await sliceAfter(2, 9), await sliceAfter(20, 80)]).toEqual([1, 1, 1]);
});

test('a broker that stopped waited for the rest after a batch that had taken long', async () => {
  const stopping = new AbortController();
  const slice = new TimeSlice(stopping.signal);
  nowMs += 20_000;
  const resting = slice.rest();
  stopping.abort();
  await resting;
  await slice.rest();
  expect(slice.longestMs).toBe(20_000);
});

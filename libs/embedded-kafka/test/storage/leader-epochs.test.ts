import { describe, expect, test } from '@jest/globals';
import { LeaderEpochs } from '../../src/storage/leader-epochs.ts';

const NEXT_OFFSET = 30;

/** Epoch 0 from 0, epoch 2 from 10 (1 has no records), epoch 4 from 20; epoch 5 has begun and is empty. */
const epochs = (): LeaderEpochs =>
  new LeaderEpochs(5, [
    [0, 0],
    [2, 10],
    [4, 20],
  ]);

describe('where an epoch ended', () => {
  test.each([
    ['none', -1, -1, -1],
    ['one with records', 0, 0, 10],
    ['one without records: the one before it', 1, 0, 10],
    ['the last with records', 4, 4, NEXT_OFFSET],
    ['the present one', 5, 5, NEXT_OFFSET],
    ['one that is still to come', 6, -1, -1],
  ])('%s (%d)', (_what, asked, epoch, endOffset) => {
    expect(epochs().endOf(asked, NEXT_OFFSET)).toEqual({ epoch, endOffset });
  });
});

test.each([
  [0, 0],
  [9, 0],
  [10, 2],
  [19, 2],
  [29, 4],
  [NEXT_OFFSET, 5],
])('the record at offset %d was written in epoch %d', (offset, epoch) => {
  expect(epochs().at(offset, NEXT_OFFSET)).toBe(epoch);
});

test('epochs that ended before the start of the log are forgotten, the one that goes on over it is not', () => {
  const trimmed = epochs();
  trimmed.trim(15);
  expect(trimmed.snapshot()).toEqual({
    current: 5,
    starts: [
      [2, 10],
      [4, 20],
    ],
  });
});

import { expect, test } from '@jest/globals';
import { TentativeSequences } from '../../src/storage/tentative-sequences.ts';

test('the lowest sequence that was tried with the present epoch counts', () => {
  const tentative = new TentativeSequences(10);
  expect(tentative.note(1, 0, 5)).toBe(5);
  expect(tentative.note(1, 0, 7)).toBe(5);
  expect(tentative.note(1, 0, 3)).toBe(3);
  expect(tentative.note(1, 1, 9)).toBe(9);
  // A zombie changes nothing.
  expect(tentative.note(1, 0, 1)).toBe(1);
  expect(tentative.note(1, 1, 10)).toBe(9);
  tentative.forget(1);
  expect(tentative.note(1, 1, 10)).toBe(10);
});

test('beyond its bound the producer that began to try longest ago is forgotten', () => {
  const tentative = new TentativeSequences(2);
  for (const producer of [1, 2, 3]) tentative.note(producer, 0, 4);
  expect([2, 3, 1].map((producer) => tentative.note(producer, 0, 6))).toEqual([4, 4, 6]);
});

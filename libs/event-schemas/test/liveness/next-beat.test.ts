import { expect, test } from '@jest/globals';
import { EVIDENCE_RULES, evidenceKindOf, nextBeatInMs } from '../../src/index.ts';

test.each<[string, number, number, number]>([
  ['at rest, earliest', 0.2, 0, 9000],
  ['at rest, middle', 1, 0.5, 10_000],
  ['at rest, latest', 1, 1, 11_000],
  ['under load the interval grows', 1.5, 0.5, 15_000],
  ['to three times at most', 50, 1, 33_000],
])('the next beat %s', (_name, load, random, expected) => {
  expect(nextBeatInMs({ intervalMs: 10_000, load, random })).toBe(expected);
});

test('a word of evidence stands for its kind', () => {
  expect(Object.values(EVIDENCE_RULES).map(({ word }) => evidenceKindOf(word))).toEqual(Object.keys(EVIDENCE_RULES));
  expect(evidenceKindOf('tea-leaves')).toBeUndefined();
});

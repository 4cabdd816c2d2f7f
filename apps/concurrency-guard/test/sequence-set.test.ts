import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSequence, lastSequence, MAX_SEQUENCE_RANGES, NO_SEQUENCES } from '../src/sequence-set.ts';
import type { SequenceSet } from '../src/sequence-set.ts';

/** Adds each sequence; gives the set and which of them were new. */
function addAll(sequences: readonly number[]): { set: SequenceSet; counted: number[] } {
  let set = NO_SEQUENCES;
  const counted: number[] = [];
  for (const sequence of sequences) {
    const next = addSequence(set, sequence);
    if (next !== undefined) {
      set = next;
      counted.push(sequence);
    }
  }
  return { set, counted };
}

test.each<[string, number[], number[], number[]]>([
  ['in order', [0, 1, 2], [0, 2], [0, 1, 2]],
  ['repeated', [0, 0, 1, 1, 0], [0, 1], [0, 1]],
  ['with a gap', [0, 2], [0, 0, 2, 2], [0, 2]],
  ['a gap filled later', [0, 2, 1], [0, 2], [0, 2, 1]],
  ['backwards', [3, 2, 1, 0], [0, 3], [3, 2, 1, 0]],
  ['a gap wider than one', [0, 5, 3, 4], [0, 0, 3, 5], [0, 5, 3, 4]],
  ['extending the range before a gap', [0, 3, 1], [0, 1, 3, 3], [0, 3, 1]],
  ['before everything', [5, 1], [1, 1, 5, 5], [5, 1]],
])('%s', (_name, sequences, set, counted) => {
  expect(addAll(sequences)).toEqual({ set, counted });
});

test('counts every sequence once, in any order and however often it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 120 }), (sequences) => {
      const { set, counted } = addAll(sequences);
      expect(counted).toEqual([...new Set(sequences)]);
      expect(lastSequence(set)).toBe(Math.max(-1, ...sequences));
      expect(set.every((value, index) => index === 0 || index % 2 === 1 || value > (set[index - 1] ?? 0) + 1)).toBe(
        true,
      );
    }),
  );
});

describe(`more than ${MAX_SEQUENCE_RANGES} ranges`, () => {
  const everyOther = Array.from({ length: MAX_SEQUENCE_RANGES + 1 }, (_, index) => 2 * index);

  test('close the lowest gap, so that the set stays small', () => {
    const { set } = addAll(everyOther);
    expect(set).toHaveLength(2 * MAX_SEQUENCE_RANGES);
    expect(set.slice(0, 4)).toEqual([0, 2, 4, 4]);
  });

  test('take a sequence from the closed gap for a repeat, and no other', () => {
    const { set } = addAll(everyOther);
    expect(addSequence(set, 1)).toBeUndefined();
    expect(addSequence(set, 3)).toBeDefined();
  });
});

test('counts every one of 3,000 sequences whose even ones all come before the odd ones', () => {
  const even = Array.from({ length: 1500 }, (_, index) => 2 * index);
  const { set, counted } = addAll([...even, ...even.map((sequence) => sequence + 1)]);
  expect(counted).toHaveLength(3000);
  expect(set).toEqual([0, 2999]);
});

test('never changes a set that it was given', () => {
  const set = Object.freeze([0, 0, 2, 2]);
  for (const sequence of [1, 3, 5]) {
    expect(addSequence(set, sequence)).not.toBe(set);
  }
});

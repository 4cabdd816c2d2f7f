/**
 * The sequences that were counted, as ranges: first, last, first, last, …, ascending and apart by at least one missing
 * sequence. What a player without losses leaves is one range however long it plays.
 */
export type SequenceSet = readonly number[];

/** No sequence yet. */
export const NO_SEQUENCES: SequenceSet = [];

/**
 * Ranges that one set keeps: more than the gaps of a player whose last 40 posts of 100 beats all come in the wrong order.
 * With one more the lowest gap counts as seen: a sequence from there, should it still come, is taken for a repeat.
 */
export const MAX_SEQUENCE_RANGES = 2048;

/** The set with `sequence` in it, or undefined when it was there: then the report is a repeat. */
export function addSequence(set: SequenceSet, sequence: number): SequenceSet | undefined {
  const last = set.length - 1;
  // Nearly always the next one.
  if (last >= 0 && sequence === (set[last] ?? 0) + 1) {
    return set.with(last, sequence);
  }
  let at = 0;
  while (at < set.length && (set[at + 1] ?? 0) < sequence) {
    at += 2;
  }
  const first = set[at];
  if (first !== undefined && first <= sequence) {
    return undefined;
  }
  return bounded(insert(set, at, sequence));
}

/** The greatest sequence, −1 in an empty set. */
export function lastSequence(set: SequenceSet): number {
  return set.at(-1) ?? -1;
}

/** Puts a sequence before the range at `at`, joined to its neighbours where nothing is missing between. */
function insert(set: SequenceSet, at: number, sequence: number): SequenceSet {
  const joinsBefore = at > 0 && set[at - 1] === sequence - 1;
  const joinsAfter = set[at] === sequence + 1;
  if (joinsBefore && joinsAfter) {
    return set.toSpliced(at - 1, 2);
  }
  if (joinsBefore) {
    return set.with(at - 1, sequence);
  }
  return joinsAfter ? set.with(at, sequence) : set.toSpliced(at, 0, sequence, sequence);
}

function bounded(set: SequenceSet): SequenceSet {
  return set.length <= 2 * MAX_SEQUENCE_RANGES ? set : set.toSpliced(1, 2);
}

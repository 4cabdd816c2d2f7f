import type { Codec } from '../../serde/serde.ts';
import type { AnswerEntry, StoreAnswer } from './query-wire.ts';

/** Entries of all answers in the order of their serialised keys. */
export function mergeByKey<K, V>(key: Codec<K>, answers: readonly StoreAnswer<K, V>[]): readonly AnswerEntry<K, V>[] {
  return merge(key, answers, (a, b) => Buffer.compare(a.bytes, b.bytes));
}

/** Windows of all answers by start, then in the order of their serialised keys. */
export function mergeWindows<K, V>(key: Codec<K>, answers: readonly StoreAnswer<K, V>[]): readonly AnswerEntry<K, V>[] {
  const startOf = ({ entry }: Row<K, V>): number => entry.startMs ?? 0;
  return merge(key, answers, (a, b) => startOf(a) - startOf(b) || Buffer.compare(a.bytes, b.bytes));
}

interface Row<K, V> {
  readonly bytes: Uint8Array;
  readonly entry: AnswerEntry<K, V>;
}

/** Each answer is in order already, so that one alone is taken as it is. */
function merge<K, V>(
  key: Codec<K>,
  answers: readonly StoreAnswer<K, V>[],
  order: (a: Row<K, V>, b: Row<K, V>) => number,
): readonly AnswerEntry<K, V>[] {
  const [only, ...others] = answers;
  if (only !== undefined && others.length === 0) return only.entries;
  return answers
    .flatMap(({ entries }) => entries.map((entry) => ({ bytes: key.serialize(entry.key).slice(), entry })))
    .sort(order)
    .map(({ entry }) => entry);
}

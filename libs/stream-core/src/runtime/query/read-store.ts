import type { ReadOnlyKeyValueStore } from '../../state/key-value-store.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { ReadOnlyWindowStore } from '../../state/window-store.ts';
import { QueryError } from './query-error.ts';
import type { AnswerEntry, StoreQuestion } from './query-wire.ts';

/** What a store said: entries in the question's order, at most as many as it allowed. */
export interface StoreReading<K, V> {
  readonly entries: AnswerEntry<K, V>[];
  readonly truncated: boolean;
}

/** Reads a store of this process. Synchronous, so that nothing is processed in between. Throws `QueryError` for a question of the other kind. */
export function readStore<K, V>(store: StateStore, question: StoreQuestion<K>): StoreReading<K, V> {
  if (question.kind === 'fetch') {
    if (store.kind !== 'window') throw wrongKind(store, question.kind);
    const { key, fromMs, toMs, limit } = question;
    return take((store as ReadOnlyWindowStore<K, V>).fetchRange(key, { fromMs, toMs }), limit);
  }
  if (store.kind !== 'key-value') throw wrongKind(store, question.kind);
  const keyValues = store as ReadOnlyKeyValueStore<K, V>;
  if (question.kind === 'range') return take(keyValues.range({ from: question.from, to: question.to }), question.limit);
  const found = keyValues.getWithTimestamp(question.key);
  return { entries: found === null ? [] : [{ key: question.key, ...found }], truncated: false };
}

function take<E>(all: Iterable<E>, limit: number): { entries: E[]; truncated: boolean } {
  const entries: E[] = [];
  for (const entry of all) {
    if (entries.length === limit) return { entries, truncated: true };
    entries.push(entry);
  }
  return { entries, truncated: false };
}

const wrongKind = (store: StateStore, kind: string): QueryError =>
  new QueryError('BAD_QUERY', `a ${kind} question cannot be asked of "${store.name}", which is a ${store.kind} store`, {
    store: store.name,
  });

import type { ReadOnlyKeyValueStore } from '../../state/key-value-store.ts';
import type { ReadOnlySessionStore } from '../../state/session-store.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { VersionedKeyValueStore } from '../../state/versioned-key-value-store.ts';
import type { ReadOnlyWindowStore } from '../../state/window-store.ts';
import type { AnswerEntry } from './query-wire.ts';
import { requireKind, type StoreQuestion } from './store-question.ts';

/** What a store said: entries in the question's order, at most as many as it allowed. */
export interface StoreReading<K, V> {
  readonly entries: readonly AnswerEntry<K, V>[];
  readonly truncated: boolean;
  readonly count?: number;
}

/** Reads a store of this process. Synchronous, so that nothing is processed in between. Throws `QueryError` for a question that the store's kind does not answer. */
export function readStore<K, V>(store: StateStore, question: StoreQuestion<K>): StoreReading<K, V> {
  const { name, kind } = store;
  requireKind({ name, kind, historyMs: (store as Partial<VersionedKeyValueStore<K, V>>).historyMs }, question.kind);
  switch (question.kind) {
    case 'get': {
      const found = (store as ReadOnlyKeyValueStore<K, V>).getWithTimestamp(question.key);
      return { entries: found === null ? [] : [{ key: question.key, ...found }], truncated: false };
    }
    case 'getAsOf': {
      const versioned = store as VersionedKeyValueStore<K, V>;
      const { key, asOfMs } = question;
      const value = versioned.getAsOf(key, asOfMs);
      const timestamp = versioned.foundTimestamp;
      return { entries: value === null ? [] : [{ key, value, timestamp }], truncated: false };
    }
    case 'range': {
      const { from, to, limit } = question;
      return take((store as ReadOnlyKeyValueStore<K, V>).range({ from, to }), limit);
    }
    case 'count':
      return { entries: [], truncated: false, count: store.approximateEntries };
    case 'fetch': {
      const { key, fromMs, toMs, limit } = question;
      return takeWindows((store as ReadOnlyWindowStore<K, V>).fetchRange(key, { fromMs, toMs }), limit);
    }
    case 'fetchAll': {
      const { fromMs, toMs, limit } = question;
      return takeWindows((store as ReadOnlyWindowStore<K, V>).all({ fromMs, toMs }), limit);
    }
    case 'findSessions': {
      const { key, earliestEndMs, latestStartMs, limit } = question;
      const sessions = (store as ReadOnlySessionStore<K, V>).findSessions(key, earliestEndMs, latestStartMs);
      const { entries, truncated } = take(sessions, limit);
      return { entries: entries.map(({ value, startMs, endMs }) => ({ key, value, startMs, endMs })), truncated };
    }
  }
}

function takeWindows<K, V>(windows: ReturnType<ReadOnlyWindowStore<K, V>['all']>, limit: number): StoreReading<K, V> {
  const { entries, truncated } = take(windows, limit);
  return {
    entries: entries.map(({ key, windowStartMs, value, timestamp }) => ({
      key,
      value,
      timestamp,
      startMs: windowStartMs,
    })),
    truncated,
  };
}

function take<E>(all: Iterable<E>, limit: number): { entries: E[]; truncated: boolean } {
  const entries: E[] = [];
  for (const entry of all) {
    if (entries.length === limit) return { entries, truncated: true };
    entries.push(entry);
  }
  return { entries, truncated: false };
}

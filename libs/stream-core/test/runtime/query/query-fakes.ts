import type { Codec } from '../../../src/serde/serde.ts';
import type { KeyRange, KeyValueEntry, ReadOnlyKeyValueStore } from '../../../src/state/key-value-store.ts';
import type { QueryableStore } from '../../../src/runtime/query/queryable-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';

export const text: Codec<string> = {
  serialize: (value) => Buffer.from(value, 'utf8'),
  deserialize: (bytes) => Buffer.from(bytes).toString('utf8'),
};

export const number: Codec<number> = {
  serialize: (value) => Buffer.from(String(value)),
  deserialize: (bytes) => Number(Buffer.from(bytes).toString()),
};

/** Counts by text, in as many partitions as the test wants. */
export const countsStore = (
  overrides: Partial<QueryableStore<string, number>> = {},
): QueryableStore<string, number> => ({
  name: 'counts',
  kind: 'key-value',
  subtopology: 0,
  partitions: 4,
  inputTopics: ['beats'],
  mutates: false,
  key: text,
  value: number,
  ...overrides,
});

const LIFE: Pick<StateStore, 'persistent' | 'init' | 'restore' | 'flush' | 'close'> = {
  persistent: false,
  init: () => {},
  restore: () => {},
  flush: () => {},
  close: () => {},
};

/** A key-value store over a map; timestamps are 1000 plus the value. */
export function fakeStore(values: Map<string, number>): ReadOnlyKeyValueStore<string, number> {
  const entryOf = (key: string, value: number): KeyValueEntry<string, number> => ({
    key,
    value,
    timestamp: 1000 + value,
  });
  return {
    ...LIFE,
    name: 'counts',
    kind: 'key-value',
    approximateEntries: values.size,
    get: (key) => values.get(key) ?? null,
    getWithTimestamp: (key) => {
      const value = values.get(key);
      return value === undefined ? null : { value, timestamp: 1000 + value };
    },
    range: ({ from, to }: KeyRange<string>) =>
      [...values]
        .filter(([key]) => (from === undefined || key >= from) && (to === undefined || key <= to))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => entryOf(key, value))
        .values(),
    all() {
      return this.range({});
    },
  };
}

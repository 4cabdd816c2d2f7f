import { describe, expect, test } from '@jest/globals';
import { serdes } from '@playhead/stream-core';
import { joinStore } from '../../src/state/join-stores.ts';
import type { JoinStore } from '../../src/state/join-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { openStore, type LoggedChange } from './store-under-test.ts';

const text = serdes.string as never;

/** What the store of one side of a stream-stream join has to do. `countsExactly`: expired records are not counted. */
export function joinStoreSuite(
  name: string,
  make: (builder: StoreBuilder<JoinStore<unknown, unknown>>) => JoinStore<unknown, unknown>,
  countsExactly = true,
): void {
  describe(name, () => {
    const builder = joinStore({
      name: 's',
      key: text,
      logging: true,
      logConfig: undefined,
      value: text,
      retentionMs: 10,
    });
    const restored = (changes: readonly LoggedChange[]): JoinStore<unknown, unknown> => {
      const { store } = openStore(make(builder), { logging: false });
      for (const { key, value, timestamp } of changes) store.restore(key, value, timestamp);
      return store;
    };
    const rows = (store: JoinStore<unknown, unknown>, key: string, from = 0, to = 100): unknown[] =>
      Array.from({ length: store.find(key, from, to) }, (_, i) => [store.foundTimestamp(i), store.foundValue(i)]);

    test('keeps several records of a key and time, by time and then as they came', () => {
      const { store } = openStore(make(builder));
      store.put('k', 'b', 5);
      store.put('k', 'a', 3);
      store.put('k', 'c', 5);
      store.put('other', 'x', 4);
      expect(rows(store, 'k')).toEqual([
        [3, 'a'],
        [5, 'b'],
        [5, 'c'],
      ]);
      expect(rows(store, 'k', 4, 5)).toHaveLength(2);
      expect(rows(store, 'k', 6, 9)).toEqual([]);
    });

    test('hides and refuses what is older than the retention, by its own time, which a put without a value moves too', () => {
      const { store, observed } = openStore(make(builder));
      store.put('k', 'a', 5);
      store.put('k', 'b', 6);
      store.put('other', null, 15);
      expect(rows(store, 'k')).toEqual([[6, 'b']]);
      store.put('k', 'late', 5);
      expect(observed.dropped).toEqual(['expired-window-record']);
    });

    test('forgets keys that are never touched again', () => {
      const { store } = openStore(make(builder));
      for (let i = 0; i < 500; i++) store.put(`k${i}`, 'v', i);
      if (countsExactly) expect(store.approximateEntries).toBeLessThan(20);
      expect(rows(store, 'k489', 0, 1_000)).toEqual([]);
      expect(rows(store, 'k490', 0, 1_000)).toEqual([[490, 'v']]);
    });

    test('a record that was in the stored state and in the changelog behind it was joined twice', () => {
      const { store, observed } = openStore(make(builder));
      store.put('k', 'a', 3);
      store.put('k', 'same', 5);
      store.put('k', 'same', 5);
      const expected = rows(store, 'k');
      const again = restored([...observed.changes, ...observed.changes.slice(1)]);
      expect(rows(again, 'k')).toEqual(expected);
    });

    test('comes back from its changelog', () => {
      const { store, observed } = openStore(make(builder));
      store.put('k', 'a', 5);
      store.put('k', 'b', 5);
      store.put('k', null, 6);
      const expected = rows(store, 'k');
      expect(rows(restored(observed.changes), 'k')).toEqual(expected);
      expect(observed.changes[1]?.key.toString('hex')).toBe('6b000000000000000500000002');
    });
  });
}

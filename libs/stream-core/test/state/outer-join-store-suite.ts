import { describe, expect, test } from '@jest/globals';
import { serdes } from '@playhead/stream-core';
import { outerJoinStore } from '../../src/state/join-stores.ts';
import type { OuterJoinStore } from '../../src/state/outer-join-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { openStore } from './store-under-test.ts';

const text = serdes.string as never;

/** What the store of what a left or outer stream-stream join has found no partner for has to do. */
export function outerJoinStoreSuite(
  name: string,
  make: (builder: StoreBuilder<OuterJoinStore<unknown, unknown>>) => OuterJoinStore<unknown, unknown>,
): void {
  describe(name, () => {
    const builder = outerJoinStore({
      name: 's',
      key: text,
      logging: true,
      logConfig: undefined,
      left: text,
      right: text,
    });
    const present = (store: OuterJoinStore<unknown, unknown>) =>
      Array.from(
        store.entries(),
        ({ key, timestamp, isLeft, values }) => [key, timestamp, isLeft, [...values]] as const,
      ).filter(([, , , values]) => values.length > 0);

    test('has them by time, the right side first, then by key; equal ones in one entry', () => {
      const { store, observed } = openStore(make(builder));
      store.add('b', 'l1', 5, true);
      store.add('a', 'l2', 5, true);
      store.add('z', 'r', 5, false);
      store.add('z', 'first', 4, true);
      store.add('b', 'l3', 5, true);
      const all = [
        ['z', 4, true, ['first']],
        ['z', 5, false, ['r']],
        ['a', 5, true, ['l2']],
        ['b', 5, true, ['l1', 'l3']],
      ];
      expect(present(store)).toEqual(all);
      store.remove('a', 5, false, 9);
      expect(observed.changes).toHaveLength(5);
      store.remove('a', 5, true, 9);
      expect(observed.changes.at(-1)).toEqual({
        key: Buffer.from('00000000000000050161', 'hex'),
        value: null,
        timestamp: 9,
      });
      const { store: back } = openStore(make(builder), { logging: false });
      for (const { key, value, timestamp } of observed.changes) back.restore(key, value, timestamp);
      expect(present(back)).toEqual(all.filter(([key]) => key !== 'a'));
    });

    test('those that are answered and removed while they are gone through come once', () => {
      const { store } = openStore(make(builder));
      for (let i = 0; i < 100; i++) store.add(`k${i % 10}`, `${i}`, i, i % 2 === 0);
      const seen: unknown[] = [];
      for (const { key, timestamp, isLeft, values } of store.entries()) {
        seen.push(...values);
        store.remove(key, timestamp, isLeft, 100);
        if (seen.length === 60) break;
      }
      expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => `${i}`));
      expect(present(store)).toHaveLength(40);
    });

    test('does not grow by what was deleted', () => {
      const { store } = openStore(make(builder), { logging: false });
      for (let i = 0; i < 1_000; i++) {
        store.add('k', 'v', i, true);
        store.remove('k', i, true, i);
      }
      expect(Array.from(store.entries()).length).toBeLessThan(100);
      expect(store.approximateEntries).toBe(0);
    });
  });
}

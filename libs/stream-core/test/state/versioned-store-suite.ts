import { describe, expect, test } from '@jest/globals';
import type { VersionedKeyValueStore } from '@playhead/stream-core';
import { openStore } from './store-under-test.ts';

/** What every versioned store has to do. `make` gives a fresh, unopened store of texts. */
export function versionedStoreSuite(
  name: string,
  make: (historyMs: number) => VersionedKeyValueStore<string, string>,
): void {
  describe(`${name} as a versioned store`, () => {
    test('ranges and gets give the latest versions', () => {
      const { store } = openStore(make(100));
      for (const [key, value] of [
        ['b', '1'],
        ['c', '2'],
        ['a', '3'],
        ['c', '4'],
      ] as const)
        store.put(key, value, 5);
      store.put('b', 'earlier', 4);
      store.put('a', null, 6);
      expect(Array.from(store.all(), ({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
        ['b', '1', 5],
        ['c', '4', 5],
      ]);
      expect(Array.from(store.range({ from: 'b', to: 'b' }), ({ key }) => key)).toEqual(['b']);
      expect(Array.from(store.range({ reverse: true }), ({ key }) => key)).toEqual(['c', 'b']);
      expect(store.getWithTimestamp('c')).toEqual({ value: '4', timestamp: 5 });
    });

    test('a value is valid from its time to the next version’s, deletes included', () => {
      const { store } = openStore(make(100));
      expect(store.putVersion('k', 'a', 10)).toBe('latest');
      expect(store.putVersion('k', null, 30)).toBe('latest');
      expect(store.putVersion('k', 'b', 20)).toBe('superseded');
      expect([5, 10, 19, 20, 29, 30, 99].map((at) => store.getAsOf('k', at))).toEqual([
        null,
        'a',
        'a',
        'b',
        'b',
        null,
        null,
      ]);
      expect(store.get('k')).toBeNull();
      expect(store.putVersion('k', 'c', 30)).toBe('latest');
      expect(store.get('k')).toBe('c');
      expect(store.foundTimestamp).toBe(30);
    });

    test('the past can be read and changed as far back as the history, the latest value always', () => {
      const { store, observed } = openStore(make(10));
      store.putVersion('k', 'a', 5);
      store.putVersion('k', 'b', 8);
      store.putVersion('other', 'x', 20);
      expect([store.getAsOf('k', 9), store.getAsOf('k', 20)]).toEqual(['b', 'b']);
      expect(store.getAsOf('k', 7)).toBeNull();
      expect(store.putVersion('k', 'late', 9)).toBe('expired');
      expect(observed.dropped).toEqual(['expired-version']);
      expect(store.putVersion('k', 'c', 10)).toBe('latest');
    });

    test('keys that were deleted are forgotten with the history', () => {
      const { store } = openStore(make(10));
      for (let i = 0; i < 100; i++) {
        store.putVersion(`k${i}`, 'v', i);
        store.putVersion(`k${i}`, null, i);
      }
      expect(store.approximateEntries).toBeLessThan(15);
    });

    test('it comes back from its changelog, history and all', () => {
      const { store, observed } = openStore(make(100));
      store.putVersion('k', 'a', 10);
      store.putVersion('k', 'c', 30);
      store.putVersion('k', 'b', 20);
      const { store: back } = openStore(make(100), { logging: false });
      for (const { key, value, timestamp } of observed.changes) back.restore(key, value, timestamp);
      expect([10, 20, 30].map((at) => back.getAsOf('k', at))).toEqual(['a', 'b', 'c']);
    });
  });
}

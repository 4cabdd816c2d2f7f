import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KeyValueStore, Serde } from '@playhead/stream-core';
import { serdes } from '@playhead/stream-core';
import { openStore } from './store-under-test.ts';

/** Makes a fresh, unopened store for these serdes. */
export type KeyValueStoreFactory = <K, V>(key: Serde<K>, value: Serde<V>) => KeyValueStore<K, V>;

/** What every key-value store has to do. */
export function keyValueStoreSuite(name: string, make: KeyValueStoreFactory): void {
  const text = () => openStore(make(serdes.string, serdes.string));

  describe(`${name} as a key-value store`, () => {
    test('gives back the last value and its timestamp, null for what is not there', () => {
      const { store } = text();
      store.put('a', 'x', 5);
      store.put('a', 'y', 3);
      expect([store.get('a'), store.foundTimestamp, store.get('b')]).toEqual(['y', 3, null]);
      expect(store.getWithTimestamp('a')).toEqual({ value: 'y', timestamp: 3 });
      expect(store.getWithTimestamp('b')).toBeNull();
    });

    test('deletes with null and with delete, which gives the value that was there', () => {
      const { store } = text();
      store.put('a', 'x', 1);
      store.put('b', 'y', 1);
      store.put('a', null, 2);
      expect([store.delete('b'), store.delete('b'), store.get('a'), store.approximateEntries]).toEqual([
        'y',
        null,
        null,
        0,
      ]);
    });

    test('takes the present record’s timestamp when none is given', () => {
      const { store } = text();
      store.put('a', 'x');
      expect(store.getWithTimestamp('a')).toEqual({ value: 'x', timestamp: 77 });
    });

    test('logs every change, also the delete of what is not there', () => {
      const { store, observed } = text();
      store.put('a', 'x', 1);
      store.put('b', null, 2);
      expect(
        observed.changes.map(({ key, value, timestamp }) => [key.toString(), value?.toString() ?? null, timestamp]),
      ).toEqual([
        ['a', 'x', 1],
        ['b', null, 2],
      ]);
    });

    test('keeps keys of binary serdes apart by their bytes', () => {
      const { store } = openStore(make(serdes.bytes, serdes.string));
      store.put(Uint8Array.of(1), 'x', 1);
      store.put(Uint8Array.of(1, 0), 'y', 1);
      expect([store.get(Uint8Array.of(1)), store.get(Uint8Array.of(1, 0)), store.get(Uint8Array.of(2))]).toEqual([
        'x',
        'y',
        null,
      ]);
    });

    test('iterates in the byte order of the keys, which for numbers is not their order', () => {
      const { store } = openStore(make(serdes.long, serdes.string));
      for (const key of [5, -1, 256, 0]) store.put(key, 'v', 1);
      expect(Array.from(store.all(), ({ key }) => key)).toEqual([0, 5, 256, -1]);
    });

    test.each([
      { range: {}, keys: ['a', 'b', 'c'] },
      { range: { from: 'b' }, keys: ['b', 'c'] },
      { range: { to: 'b' }, keys: ['a', 'b'] },
      { range: { from: 'aa', to: 'bb', reverse: true }, keys: ['b'] },
      { range: { reverse: true }, keys: ['c', 'b', 'a'] },
      { range: { from: 'c', to: 'a' }, keys: [] },
    ])('range $range gives $keys', ({ range, keys }) => {
      const { store } = text();
      for (const key of ['b', 'c', 'a']) store.put(key, 'v', 1);
      expect(Array.from(store.range(range), ({ key }) => key)).toEqual(keys);
    });

    test('an iterator does not see keys added after it began, nor entries deleted before it reaches them', () => {
      const { store } = text();
      for (const key of ['a', 'c', 'd']) store.put(key, 'v', 1);
      const iterator = store.all();
      iterator.next();
      store.put('b', 'v', 1);
      store.put('c', null, 1);
      expect(Array.from(iterator, ({ key }) => key)).toEqual(['d']);
      expect(Array.from(store.all(), ({ key }) => key)).toEqual(['a', 'b', 'd']);
    });

    test('is the same after its changelog was restored into an empty one', () => {
      const operations = fc.array(fc.tuple(fc.constantFrom('', 'a', 'b', 'é', '日'), fc.option(fc.string()), fc.nat()));
      fc.assert(
        fc.property(operations, (puts) => {
          const { store, observed } = text();
          const model = new Map<string, [string, number]>();
          for (const [key, value, timestamp] of puts) {
            store.put(key, value, timestamp);
            if (value === null) model.delete(key);
            else model.set(key, [value, timestamp]);
            // Ranges in between, so that the sorted index is merged and not only built.
            if (timestamp % 3 === 0) expect(Array.from(store.all())).toHaveLength(model.size);
          }
          const { store: restored, observed: quiet } = text();
          for (const { key, value, timestamp } of observed.changes) restored.restore(key, value, timestamp);
          const rows = Array.from(store.all(), ({ key, value, timestamp }) => [key, value, timestamp]);
          const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
          const wanted = [...model].map(([key, row]) => [key, ...row] as const).sort(([a], [b]) => byBytes(a, b));
          expect(rows).toEqual(wanted);
          expect(Array.from(restored.all(), ({ key, value, timestamp }) => [key, value, timestamp])).toEqual(rows);
          expect(quiet.changes).toEqual([]);
        }),
      );
    });
  });
}

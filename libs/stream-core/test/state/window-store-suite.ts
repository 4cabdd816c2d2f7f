import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { WindowStore } from '@playhead/stream-core';
import { SerdeError } from '@playhead/stream-core';
import { openStore } from './store-under-test.ts';

/** Makes a fresh, unopened store of texts. */
export type WindowStoreFactory = (retentionMs: number) => WindowStore<string, string>;

/** How many entries a store has; one on disk may count expired ones too, whose memory is not free yet. */
const entriesOf = (store: WindowStore<string, string>, expected: number): number =>
  store.persistent ? Math.min(store.approximateEntries, expected) : store.approximateEntries;

/** What every window store has to do. Retention is by the greatest start put: section 2.5 of the reference. */
export function windowStoreSuite(name: string, make: WindowStoreFactory): void {
  const rows = (
    entries: Iterable<{ key: string; windowStartMs: number; value: string; timestamp: number }>,
  ): unknown[] =>
    Array.from(entries, ({ key, windowStartMs, value, timestamp }) => [key, windowStartMs, value, timestamp]);
  /** Of many rows: compared much faster than their objects are. */
  const text = (entries: Parameters<typeof rows>[0]): string => JSON.stringify(rows(entries));

  describe(`${name} as a window store`, () => {
    test('keeps one value per key and start', () => {
      const { store } = openStore(make(100));
      store.put('a', 'x', 0, 1);
      store.put('a', 'y', 10, 12);
      store.put('a', 'z', 0, 2);
      expect([store.fetch('a', 0), store.foundTimestamp, store.fetch('a', 10), store.fetch('b', 0)]).toEqual([
        'z',
        2,
        'y',
        null,
      ]);
      expect(entriesOf(store, 2)).toBe(2);
    });

    test('a put after a fetch of another key or window still goes where it says', () => {
      const { store } = openStore(make(100));
      store.put('a', 'x', 0, 1);
      store.fetch('a', 0);
      store.put('b', 'y', 0, 1);
      store.fetch('a', 0);
      store.put('a', 'z', 10, 1);
      store.fetch('c', 0);
      store.put('c', 'w', 0, 1);
      store.put('c', 'v', 0, 2);
      expect(rows(store.all())).toEqual([
        ['a', 0, 'x', 1],
        ['b', 0, 'y', 1],
        ['c', 0, 'v', 2],
        ['a', 10, 'z', 1],
      ]);
    });

    test('hides and refuses windows whose start is at or before the greatest start minus the retention', () => {
      const { store, observed } = openStore(make(10));
      store.put('a', 'x', 0, 0);
      store.put('a', 'y', 9, 9);
      expect(store.fetch('a', 0)).toBe('x');
      store.put('a', 'z', 10, 10);
      expect([store.fetch('a', 0), entriesOf(store, 2)]).toEqual([null, 2]);
      store.put('a', 'late', 0, 0);
      expect([store.fetch('a', 0), observed.dropped]).toEqual([null, ['expired-window-record']]);
    });

    test('a null moves the store’s time though nothing is stored', () => {
      const { store } = openStore(make(10));
      store.put('a', 'x', 0, 0);
      store.put('b', null, 50, 50);
      expect(rows(store.all())).toEqual([]);
    });

    test.each([
      { range: {}, starts: [0, 10, 20] },
      { range: { fromMs: 10 }, starts: [10, 20] },
      { range: { toMs: 10 }, starts: [0, 10] },
      { range: { fromMs: 1, toMs: 19, reverse: true }, starts: [10] },
      { range: { reverse: true }, starts: [20, 10, 0] },
    ])('the windows of a key within $range', ({ range, starts }) => {
      const { store } = openStore(make(100));
      for (const start of [20, 0, 10]) store.put('a', 'v', start, start);
      store.put('b', 'v', 5, 5);
      expect(Array.from(store.fetchRange('a', range), ({ windowStartMs }) => windowStartMs)).toEqual(starts);
    });

    test('all entries come by start, then by key', () => {
      const { store } = openStore(make(100));
      for (const [key, start] of [
        ['b', 0],
        ['é', 0],
        ['a', 10],
        ['a', 0],
      ] as const)
        store.put(key, 'v', start, start);
      expect(rows(store.all({ fromMs: 0 })).map((row) => (row as unknown[]).slice(0, 2))).toEqual([
        ['a', 0],
        ['b', 0],
        ['é', 0],
        ['a', 10],
      ]);
    });

    test('deletes with null', () => {
      const { store } = openStore(make(100));
      store.put('a', 'x', 0, 0);
      store.fetch('a', 0);
      store.put('a', null, 0, 1);
      expect([store.fetch('a', 0), store.approximateEntries]).toEqual([null, 0]);
    });

    test('gives the windows of a key and of all keys as a list that is looked through would, however many there are', () => {
      const RETENTION_MS = 200;
      const time = fc.integer({ min: 0, max: 600 });
      const put = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(fc.string()), startMs: time });
      const look = fc.record({ key: fc.constantFrom('a', 'b'), fromMs: time, lengthMs: time, reverse: fc.boolean() });
      fc.assert(
        fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: put }, look), { size: 'large' }), (steps) => {
          const { store } = openStore(make(RETENTION_MS));
          let model: { key: string; windowStartMs: number; value: string; timestamp: number }[] = [];
          let greatestMs = -1;
          for (const step of steps) {
            if ('value' in step) {
              const { key, value, startMs } = step;
              store.put(key, value, startMs, startMs);
              greatestMs = Math.max(greatestMs, startMs);
              model = model.filter((row) => row.key !== key || row.windowStartMs !== startMs);
              if (value !== null) model.push({ key, windowStartMs: startMs, value, timestamp: startMs });
              model = model.filter(({ windowStartMs }) => windowStartMs > greatestMs - RETENTION_MS);
              continue;
            }
            const { key, fromMs, lengthMs, reverse } = step;
            const range = { fromMs, toMs: fromMs + lengthMs, reverse };
            const within = model
              .filter(({ windowStartMs: startMs }) => startMs >= range.fromMs && startMs <= range.toMs)
              .sort((a, b) => a.windowStartMs - b.windowStartMs || (a.key < b.key ? -1 : 1));
            if (reverse) within.reverse();
            expect(text(store.fetchRange(key, range))).toBe(text(within.filter((row) => row.key === key)));
            expect(text(store.all(range))).toBe(text(within));
          }
          expect(entriesOf(store, model.length)).toBe(model.length);
        }),
      );
    });

    test('logs key ‖ start ‖ sequence with the bare value and the value’s timestamp, and comes back from it', () => {
      const { store, observed } = openStore(make(100));
      store.put('k', 'v', 20, 23);
      store.put('k', null, 10, 24);
      expect(
        observed.changes.map(({ key, value, timestamp }) => [
          key.toString('hex'),
          value?.toString() ?? null,
          timestamp,
        ]),
      ).toEqual([
        ['6b000000000000001400000000', 'v', 23],
        ['6b000000000000000a00000000', null, 24],
      ]);
      const { store: restored } = openStore(make(100));
      for (const { key, value, timestamp } of observed.changes) restored.restore(key, value, timestamp);
      expect(rows(restored.all())).toEqual([['k', 20, 'v', 23]]);
    });

    test('refuses a changelog key that is too short to hold its window', () => {
      const { store } = openStore(make(100));
      expect(() => store.restore(Buffer.alloc(11), null, 0)).toThrow(SerdeError);
    });
  });
}

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SessionEntry, SessionStore } from '@playhead/stream-core';
import { SerdeError } from '@playhead/stream-core';
import { openStore } from './store-under-test.ts';

/** Makes a fresh, unopened store of texts. */
export type SessionStoreFactory = (retentionMs: number) => SessionStore<string, string>;

const rows = (entries: Iterable<SessionEntry<string, string>>): unknown[] =>
  Array.from(entries, ({ key, startMs, endMs, value }) => [key, startMs, endMs, value]);
/** Of many rows: compared much faster than their objects are. */
const text = (entries: Parameters<typeof rows>[0]): string => JSON.stringify(rows(entries));

/** What every session store has to do. Retention is by the greatest end put: section 2.5 of the reference. `countsExactly`: expired sessions are not counted. */
export function sessionStoreSuite(name: string, make: SessionStoreFactory, countsExactly = true): void {
  describe(`${name} as a session store`, () => {
    test('keeps one value per key, start and end', () => {
      const { store } = openStore(make(100));
      store.put('a', 'x', 0, 5, 5);
      store.put('a', 'y', 10, 15, 15);
      store.put('a', 'z', 0, 5, 6);
      expect([store.fetchSession('a', 0, 5), store.fetchSession('a', 0, 6), store.fetchSession('b', 0, 5)]).toEqual([
        'z',
        null,
        null,
      ]);
      expect(store.approximateEntries).toBe(2);
    });

    test.each([
      { earliestEnd: 0, latestStart: 100, found: [5, 15, 25] },
      { earliestEnd: 6, latestStart: 100, found: [15, 25] },
      { earliestEnd: 5, latestStart: 10, found: [5, 15] },
      { earliestEnd: 16, latestStart: 19, found: [] },
    ])('sessions of a key that end from $earliestEnd on and start up to $latestStart', (range) => {
      const { store } = openStore(make(100));
      for (const end of [25, 5, 15]) store.put('a', 'v', end - 5, end, end);
      store.put('b', 'v', 0, 12, 12);
      const found = store.findSessions('a', range.earliestEnd, range.latestStart);
      expect(found.map(({ endMs }) => endMs)).toEqual(range.found);
    });

    test('all entries come by end, then by key, then by start', () => {
      const { store } = openStore(make(100));
      for (const [key, start, end] of [
        ['b', 0, 9],
        ['é', 0, 5],
        ['b', 2, 5],
        ['b', 0, 5],
        ['a', 1, 5],
      ] as const)
        store.put(key, 'v', start, end, end);
      const all = [
        ['a', 1, 5, 'v'],
        ['b', 0, 5, 'v'],
        ['b', 2, 5, 'v'],
        ['é', 0, 5, 'v'],
        ['b', 0, 9, 'v'],
      ];
      expect(rows(store.all())).toEqual(all);
      expect(rows(store.all({ reverse: true }))).toEqual([...all].reverse());
      expect(rows(store.all({ fromMs: 6, toMs: 9 }))).toEqual(all.slice(4));
    });

    test('hides and refuses sessions whose end is at or before the greatest end minus the retention', () => {
      const { store, observed } = openStore(make(10));
      store.put('a', 'x', 0, 3, 3);
      store.put('b', 'y', 12, 12, 12);
      expect(store.fetchSession('a', 0, 3)).toBe('x');
      store.put('b', 'z', 13, 13, 13);
      expect([rows(store.findSessions('a', 0, 100)), store.approximateEntries]).toEqual([[], countsExactly ? 2 : 3]);
      store.put('a', 'late', 1, 3, 3);
      expect([store.fetchSession('a', 1, 3), observed.dropped]).toEqual([null, ['expired-window-record']]);
    });

    test('a removal leaves the store’s time as it is, a null moves it', () => {
      const { store, observed } = openStore(make(10));
      store.put('a', 'x', 0, 0, 0);
      store.remove('b', 50, 50, 50);
      expect([store.fetchSession('a', 0, 0), observed.dropped]).toEqual(['x', []]);
      store.put('b', null, 50, 50, 50);
      expect(rows(store.all())).toEqual([]);
    });

    test('gives the sessions of a key and of all keys as a list that is looked through would, however many there are', () => {
      const RETENTION_MS = 300;
      const time = fc.integer({ min: 0, max: 900 });
      const put = fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        value: fc.option(fc.string()),
        startMs: time,
        lengthMs: fc.integer({ min: 0, max: 3 }),
        removes: fc.boolean(),
      });
      const look = fc.record({ key: fc.constantFrom('a', 'b'), fromMs: time, lengthMs: time, reverse: fc.boolean() });
      fc.assert(
        fc.property(fc.array(fc.oneof({ weight: 8, arbitrary: put }, look), { size: 'large' }), (steps) => {
          const { store } = openStore(make(RETENTION_MS));
          let model: { key: string; startMs: number; endMs: number; value: string }[] = [];
          let greatestMs = -1;
          for (const step of steps) {
            if ('removes' in step) {
              const { key, startMs, lengthMs, value, removes } = step;
              const endMs = startMs + lengthMs;
              model = model.filter((row) => row.key !== key || row.startMs !== startMs || row.endMs !== endMs);
              if (removes) store.remove(key, startMs, endMs, endMs);
              else {
                store.put(key, value, startMs, endMs, endMs);
                greatestMs = Math.max(greatestMs, endMs);
                if (value !== null) model.push({ key, startMs, endMs, value });
              }
              model = model.filter((row) => row.endMs > greatestMs - RETENTION_MS);
              continue;
            }
            const { key, fromMs, lengthMs, reverse } = step;
            const toMs = fromMs + lengthMs;
            const byEnd = [...model].sort(
              (a, b) => a.endMs - b.endMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.startMs - b.startMs),
            );
            const ofKey = byEnd.filter((row) => row.key === key && row.endMs >= fromMs && row.startMs <= toMs);
            expect(text(store.findSessions(key, fromMs, toMs))).toBe(text(ofKey));
            const within = byEnd.filter(({ endMs }) => endMs >= fromMs && endMs <= toMs);
            if (reverse) within.reverse();
            expect(text(store.all({ fromMs, toMs, reverse }))).toBe(text(within));
          }
          if (countsExactly) expect(store.approximateEntries).toBe(model.length);
          else expect(store.approximateEntries).toBeGreaterThanOrEqual(model.length);
        }),
      );
    });

    test('logs key ‖ end ‖ start with the bare value, and comes back from it', () => {
      const { store, observed } = openStore(make(100));
      store.put('k', 'v', 10, 20, 21);
      store.put('k', 'w', 30, 31, 31);
      store.remove('k', 10, 20, 32);
      expect(
        observed.changes.map(({ key, value, timestamp }) => [
          key.toString('hex'),
          value?.toString() ?? null,
          timestamp,
        ]),
      ).toEqual([
        ['6b0000000000000014000000000000000a', 'v', 21],
        ['6b000000000000001f000000000000001e', 'w', 31],
        ['6b0000000000000014000000000000000a', null, 32],
      ]);
      const { store: restored } = openStore(make(100));
      for (const { key, value, timestamp } of observed.changes) restored.restore(key, value, timestamp);
      expect(rows(restored.all())).toEqual([['k', 30, 31, 'w']]);
    });

    test('refuses a changelog key that is too short to hold its session', () => {
      const { store } = openStore(make(100));
      expect(() => store.restore(Buffer.alloc(15), null, 0)).toThrow(SerdeError);
    });
  });
}

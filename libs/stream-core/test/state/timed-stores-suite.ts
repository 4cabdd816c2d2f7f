import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Serde } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import { joinStore, outerJoinStore } from '../../src/state/join-stores.ts';
import { BackendScene, type BackendUnderTest } from './backend-scene.ts';
import { StoredTask } from './stored-task.ts';

const TIMEOUT_MS = 60_000;
const text = { key: serdes.string, value: serdes.string };
const ANY = serdes.string as Serde<unknown>;
const JOIN = { key: ANY, logging: true, logConfig: {} };

/** What every backend has to do with the stores whose rows have times: windows, sessions, versions and the stores of joins come back after a crash, and what has expired stays away. */
export function timedStoresSuite(under: BackendUnderTest): void {
  describe(`state in ${under.name}`, () => {
    let scene: BackendScene;
    beforeEach(async () => {
      scene = await BackendScene.open(under);
    });
    afterEach(() => scene.close(), TIMEOUT_MS);

    test(
      'windows are scanned by time in both directions, and expire whole, for good',
      async () => {
        const builder = stores.window({ name: 'w', ...text, windowSizeMs: 10, retentionMs: 100 });
        let task = await scene.begin(builder);
        const rows = (reverse = false, range = {}): string[] =>
          Array.from(
            task.store.all({ reverse, ...range }),
            ({ key, windowStartMs, value }) => `${key}@${windowStartMs}=${value}`,
          );
        for (let start = 0; start <= 100; start += 10) {
          for (const key of ['b', 'a']) task.store.put(key, `v${start}`, start, start);
          if (start % 30 === 0) await task.commit();
        }
        const live = Array.from({ length: 10 }, (_, index) => (index + 1) * 10);
        const all = live.flatMap((start) => [`a@${start}=v${start}`, `b@${start}=v${start}`]);
        expect(rows()).toEqual(all);
        task = await scene.restart(task, builder);
        expect(rows()).toEqual(all);
        expect(rows(true)).toEqual([...all].reverse());
        expect(rows(false, { fromMs: 35, toMs: 50 })).toEqual(all.slice(6, 10));
        const starts = (reverse: boolean): number[] =>
          Array.from(
            task.store.fetchRange('a', { fromMs: 35, toMs: 60, reverse }),
            ({ windowStartMs }) => windowStartMs,
          );
        expect([starts(false), starts(true)]).toEqual([
          [40, 50, 60],
          [60, 50, 40],
        ]);
        expect([task.store.fetch('a', 0), task.store.fetch('a', 10)]).toEqual([null, 'v10']);
        task.store.put('a', 'far', 100_000, 100_000);
        await task.commit();
        expect(rows()).toEqual(['a@100000=far']);
        task.store.put('a', 'late', 50, 50);
        await task.commit();
        task = await scene.restart(task, builder);
        expect(rows()).toEqual(['a@100000=far']);
        expect(task.store.fetch('a', 50)).toBeNull();
      },
      TIMEOUT_MS,
    );

    test(
      'a window store whose windows are many finds those of a key, also after a crash',
      async () => {
        const builder = stores.window({ name: 'w', ...text, windowSizeMs: 10, retentionMs: 10_000 });
        let task = await scene.begin(builder);
        for (let start = 0; start < 60; start++) task.store.put(start % 20 === 0 ? 'rare' : 'often', 'v', start, start);
        const starts = (): number[] =>
          Array.from(task.store.fetchRange('rare', {}), ({ windowStartMs }) => windowStartMs);
        expect(starts()).toEqual([0, 20, 40]);
        await task.commit();
        task.store.put('rare', null, 20, 60);
        task.store.put('rare', 'v', 61, 61);
        expect(starts()).toEqual([0, 40, 61]);
        task = await scene.restart(task, builder);
        expect(starts()).toEqual([0, 40, 61]);
      },
      TIMEOUT_MS,
    );

    test(
      'sessions come back with their bounds, and expire for good',
      async () => {
        const builder = stores.session({ name: 's', ...text, retentionMs: 100 });
        let task = await scene.begin(builder);
        task.store.put('a', 'x', 0, 5, 5);
        task.store.put('a', 'y', 40, 60, 60);
        task.store.put('b', 'z', 50, 55, 60);
        await task.commit();
        task.store.remove('a', 40, 60, 61);
        task.store.put('a', 'w', 40, 80, 80);
        const rows = (): string[] =>
          Array.from(task.store.all(), ({ key, startMs, endMs, value }) => `${key} ${startMs}-${endMs} ${value}`);
        const present = ['a 0-5 x', 'b 50-55 z', 'a 40-80 w'];
        expect(rows()).toEqual(present);
        task = await scene.restart(task, builder);
        expect(rows()).toEqual(present);
        task.store.put('c', 'n', 150, 150, 150);
        await task.commit();
        task = await scene.restart(task, builder);
        expect(rows()).toEqual(['b 50-55 z', 'a 40-80 w', 'c 150-150 n'].slice(0, 3));
        task.store.put('c', 'm', 9_000, 9_000, 9_000);
        await task.commit();
        task = await scene.restart(task, builder);
        expect(rows()).toEqual(['c 9000-9000 m']);
      },
      TIMEOUT_MS,
    );

    test(
      'a versioned store remembers what was before, and what it refused stays refused',
      async () => {
        const builder = stores.versionedKeyValue({ name: 'v', ...text, historyMs: 100 });
        let task = await scene.begin(builder);
        task.store.putVersion('a', 'one', 10);
        task.store.putVersion('a', 'two', 50);
        task.store.putVersion('old', 'kept', 20);
        await task.commit();
        task.store.putVersion('b', 'new', 200);
        task.store.putVersion('c', 'refused', 90);
        task.store.putVersion('a', null, 180);
        const answers = (): unknown[] => [
          task.store.get('a'),
          task.store.getAsOf('a', 150),
          task.store.get('old'),
          task.store.get('c'),
          task.store.getAsOf('b', 250),
        ];
        const expected = [null, 'two', 'kept', null, 'new'];
        expect(answers()).toEqual(expected);
        task = await scene.restart(task, builder);
        expect(answers()).toEqual(expected);
        await task.commit();
        task = await scene.restart(task, builder);
        expect(answers()).toEqual(expected);
      },
      TIMEOUT_MS,
    );

    test(
      'the stores of joins come back with every row of theirs once',
      async () => {
        const builder = joinStore({ ...JOIN, name: 'j', value: ANY, retentionMs: 100 });
        let task = await scene.begin(builder);
        task.store.put('a', 'x', 10);
        task.store.put('a', 'y', 10);
        await task.commit();
        task.store.put('a', 'z', 20);
        const found = (): unknown[] =>
          Array.from({ length: task.store.find('a', 0, 100) }, (_, index) => task.store.foundValue(index));
        expect(found()).toEqual(['x', 'y', 'z']);
        task = await scene.restart(task, builder);
        expect(found()).toEqual(['x', 'y', 'z']);
        await task.commit();
        task = await scene.restart(task, builder);
        expect(found()).toEqual(['x', 'y', 'z']);
        const outer = outerJoinStore({ ...JOIN, name: 'o', left: ANY, right: ANY });
        scene.log = [];
        let unmatched = await StoredTask.begin(scene.backend, outer, scene.log, { taskId: '0_1' });
        unmatched.store.add('k', 'v', 5, true);
        await unmatched.commit();
        await unmatched.crash();
        unmatched = await StoredTask.begin(scene.backend, outer, scene.log, { taskId: '0_1' });
        expect(unmatched.store.approximateEntries).toBe(1);
      },
      TIMEOUT_MS,
    );
  });
}

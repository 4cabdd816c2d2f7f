import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Serde } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import type { StateBackend } from '../../src/runtime/storage/state-backend.ts';
import { joinStore, outerJoinStore } from '../../src/state/join-stores.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { StoredTask, type Log } from './stored-task.ts';

/** A backend as the suite needs it. */
export interface BackendUnderTest {
  readonly name: string;
  /** State survives the end of a task. */
  readonly isDurable: boolean;
  /** A backend on state of this test alone; the same state each time until `clean`. */
  open(): Promise<StateBackend>;
  clean(): Promise<void>;
}

/** A put, or what happens between puts. */
type Step = readonly [key: string, value: string | null, timestamp: number] | 'commit' | 'seal' | 'crash' | 'range';

const TIMEOUT_MS = 60_000;
const text = { key: serdes.string, value: serdes.string };
const bytes = { key: serdes.bytes, value: serdes.bytes };
const ANY = serdes.string as Serde<unknown>;
const JOIN = { key: ANY, logging: true, logConfig: {} };
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** What every backend has to do with every kind of store: what was committed is there after a crash, what was not comes from the changelog's tail, and nothing else is there. */
export function storeSuite(under: BackendUnderTest): void {
  describe(`state in ${under.name}`, () => {
    let backend: StateBackend;
    let log: Log;
    beforeEach(async () => {
      backend = await under.open();
      log = [];
    });
    afterEach(async () => {
      await backend.close();
      await under.clean();
    }, TIMEOUT_MS);

    const begin = <S extends StateStore>(builder: StoreBuilder<S>, withTail = true): Promise<StoredTask<S>> =>
      StoredTask.begin(backend, builder, log, { withTail });

    /** Ends the task and the process, and begins anew. */
    async function restart<S extends StateStore>(task: StoredTask<S>, builder: StoreBuilder<S>, withTail = true) {
      await task.crash();
      await backend.close();
      backend = await under.open();
      return begin(builder, withTail);
    }

    /** Tests of what survives by itself. */
    const durableTest: (name: string, work: () => Promise<void>, timeoutMs: number) => void = under.isDurable
      ? (name, work, timeoutMs) => test(name, work, timeoutMs)
      : () => undefined;

    test(
      'keys of any bytes and lengths, empty and huge values: in their order, also after a crash',
      async () => {
        const builder = stores.keyValue({ name: 's', ...bytes });
        let task = await begin(builder);
        const keys = [
          Buffer.alloc(0),
          Buffer.from([0]),
          Buffer.from([0, 0]),
          Buffer.from([0xff]),
          Buffer.from([0xff, 0xff]),
          Buffer.alloc(1_977, 7),
          Buffer.alloc(1_978, 7),
          Buffer.alloc(1_979, 7),
          Buffer.alloc(5_000, 7),
        ];
        const values = new Map(
          keys.map((key, index) => [hex(key), Buffer.alloc(index === 3 ? 3_000_000 : index, index)]),
        );
        for (const key of keys) task.store.put(key, values.get(hex(key)) as Buffer, key.length);
        const expectAll = (): void => {
          const sorted = [...keys].sort(Buffer.compare).map(hex);
          const entries = Array.from(task.store.all());
          expect(entries.map(({ key }) => hex(key))).toEqual(sorted);
          expect(Array.from(task.store.range({ reverse: true }), ({ key }) => hex(key))).toEqual([...sorted].reverse());
          expect(Array.from(task.store.range({ from: Buffer.alloc(1_979, 7), to: Buffer.from([0xff]) }))).toHaveLength(
            3,
          );
          expect(
            entries.every(
              ({ key, value, timestamp }) => values.get(hex(key))?.equals(value) === true && timestamp === key.length,
            ),
          ).toBe(true);
          for (const key of keys) expect(task.store.get(key)?.length).toBe(values.get(hex(key))?.length);
        };
        expectAll();
        await task.commit();
        expectAll();
        task = await restart(task, builder);
        expectAll();
        for (const key of keys) task.store.put(key, null, 1);
        await task.commit();
        task = await restart(task, builder);
        expect(Array.from(task.store.all())).toEqual([]);
      },
      TIMEOUT_MS,
    );

    test(
      'any puts, commits and crashes leave what a map would have',
      async () => {
        const step: fc.Arbitrary<Step> = fc.oneof(
          {
            weight: 8,
            arbitrary: fc.tuple(
              fc.constantFrom('', 'a', 'b', 'c', 'd'),
              fc.option(fc.string()),
              fc.nat(9),
            ) as fc.Arbitrary<Step>,
          },
          fc.constantFrom<Step>('commit', 'seal', 'crash', 'range'),
        );
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array<Step>(step, { maxLength: 40 }), async (steps) => {
            const builder = stores.keyValue({ name: `s${run++}`, ...text });
            log = [];
            let task = await StoredTask.begin(backend, builder, log, { taskId: `0_${run}` });
            const model = new Map<string, [string, number]>();
            const expectSame = (): void => {
              const rows = Array.from(task.store.all(), ({ key, value, timestamp }) => [key, value, timestamp]);
              expect(rows).toEqual(
                [...model]
                  .map(([key, row]) => [key, ...row])
                  .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
              );
              for (const key of ['', 'a', 'b', 'c', 'd']) expect(task.store.get(key)).toBe(model.get(key)?.[0] ?? null);
            };
            for (const each of steps) {
              if (each === 'commit') await task.commit();
              else if (each === 'seal') task.seal();
              else if (each === 'range') expectSame();
              else if (each === 'crash') {
                await task.crash();
                task = await StoredTask.begin(backend, builder, log, { taskId: `0_${run}` });
                expectSame();
              } else {
                const [key, value, timestamp] = each;
                task.store.put(key, value, timestamp);
                if (value === null) model.delete(key);
                else model.set(key, [value, timestamp]);
              }
            }
            expectSame();
            await task.crash();
          }),
          { numRuns: 60 },
        );
      },
      TIMEOUT_MS,
    );

    test(
      'a put that follows a read from before a commit is seen, also when that commit deleted the entry',
      async () => {
        const task = await begin(stores.keyValue({ name: 's', ...text }));
        task.store.put('a', 'x', 1);
        await task.commit();
        task.store.get('a');
        task.store.put('a', null, 2);
        task.store.get('a');
        await task.commit();
        task.store.put('a', 'y', 3);
        expect([task.store.get('a'), Array.from(task.store.all(), ({ value }) => value)]).toEqual(['y', ['y']]);
      },
      TIMEOUT_MS,
    );

    durableTest(
      'a commit has what was there when it was sealed, and nothing later',
      async () => {
        const builder = stores.keyValue({ name: 's', ...text });
        let task = await begin(builder);
        task.store.put('a', 'sealed', 1);
        task.store.put('b', 'sealed', 1);
        task.seal();
        task.store.put('a', 'later!', 2);
        task.store.put('b', null, 2);
        task.store.put('c', 'later', 2);
        const committed = task.commitSealed();
        task.store.put('a', 'latest', 3);
        await committed;
        expect([task.store.get('a'), task.store.get('b'), task.store.get('c')]).toEqual(['latest', null, 'later']);
        task = await restart(task, builder, false);
        expect(Array.from(task.store.all(), ({ key, value }) => [key, value])).toEqual([
          ['a', 'sealed'],
          ['b', 'sealed'],
        ]);
      },
      TIMEOUT_MS,
    );

    durableTest(
      'a wiped task begins with nothing, and so does the next one',
      async () => {
        const builder = stores.keyValue({ name: 's', ...text });
        let task = await begin(builder);
        task.store.put('a', 'x', 1);
        await task.commit();
        await task.storage.wipe();
        expect(await task.storage.ready()).toBeUndefined();
        task = await restart(task, builder, false);
        expect(Array.from(task.store.all())).toEqual([]);
      },
      TIMEOUT_MS,
    );

    test(
      'windows are scanned by time in both directions, and expire whole, for good',
      async () => {
        const builder = stores.window({ name: 'w', ...text, windowSizeMs: 10, retentionMs: 100 });
        let task = await begin(builder);
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
        task = await restart(task, builder);
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
        task = await restart(task, builder);
        expect(rows()).toEqual(['a@100000=far']);
        expect(task.store.fetch('a', 50)).toBeNull();
      },
      TIMEOUT_MS,
    );

    test(
      'a window store whose windows are many finds those of a key, also after a crash',
      async () => {
        const builder = stores.window({ name: 'w', ...text, windowSizeMs: 10, retentionMs: 10_000 });
        let task = await begin(builder);
        for (let start = 0; start < 60; start++) task.store.put(start % 20 === 0 ? 'rare' : 'often', 'v', start, start);
        const starts = (): number[] =>
          Array.from(task.store.fetchRange('rare', {}), ({ windowStartMs }) => windowStartMs);
        expect(starts()).toEqual([0, 20, 40]);
        await task.commit();
        task.store.put('rare', null, 20, 60);
        task.store.put('rare', 'v', 61, 61);
        expect(starts()).toEqual([0, 40, 61]);
        task = await restart(task, builder);
        expect(starts()).toEqual([0, 40, 61]);
      },
      TIMEOUT_MS,
    );

    test(
      'sessions come back with their bounds, and expire for good',
      async () => {
        const builder = stores.session({ name: 's', ...text, retentionMs: 100 });
        let task = await begin(builder);
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
        task = await restart(task, builder);
        expect(rows()).toEqual(present);
        task.store.put('c', 'n', 150, 150, 150);
        await task.commit();
        task = await restart(task, builder);
        expect(rows()).toEqual(['b 50-55 z', 'a 40-80 w', 'c 150-150 n'].slice(0, 3));
        task.store.put('c', 'm', 9_000, 9_000, 9_000);
        await task.commit();
        task = await restart(task, builder);
        expect(rows()).toEqual(['c 9000-9000 m']);
      },
      TIMEOUT_MS,
    );

    test(
      'a versioned store remembers what was before, and what it refused stays refused',
      async () => {
        const builder = stores.versionedKeyValue({ name: 'v', ...text, historyMs: 100 });
        let task = await begin(builder);
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
        task = await restart(task, builder);
        expect(answers()).toEqual(expected);
        await task.commit();
        task = await restart(task, builder);
        expect(answers()).toEqual(expected);
      },
      TIMEOUT_MS,
    );

    test(
      'the stores of joins come back with every row of theirs once',
      async () => {
        const builder = joinStore({ ...JOIN, name: 'j', value: ANY, retentionMs: 100 });
        let task = await begin(builder);
        task.store.put('a', 'x', 10);
        task.store.put('a', 'y', 10);
        await task.commit();
        task.store.put('a', 'z', 20);
        const found = (): unknown[] =>
          Array.from({ length: task.store.find('a', 0, 100) }, (_, index) => task.store.foundValue(index));
        expect(found()).toEqual(['x', 'y', 'z']);
        task = await restart(task, builder);
        expect(found()).toEqual(['x', 'y', 'z']);
        await task.commit();
        task = await restart(task, builder);
        expect(found()).toEqual(['x', 'y', 'z']);
        const outer = outerJoinStore({ ...JOIN, name: 'o', left: ANY, right: ANY });
        log = [];
        let unmatched = await StoredTask.begin(backend, outer, log, { taskId: '0_1' });
        unmatched.store.add('k', 'v', 5, true);
        await unmatched.commit();
        await unmatched.crash();
        unmatched = await StoredTask.begin(backend, outer, log, { taskId: '0_1' });
        expect(unmatched.store.approximateEntries).toBe(1);
      },
      TIMEOUT_MS,
    );
  });
}

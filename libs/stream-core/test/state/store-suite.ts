import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { serdes, stores } from '@playhead/stream-core';
import { BackendScene, type BackendUnderTest } from './backend-scene.ts';
import { StoredTask } from './stored-task.ts';

/** A put, or what happens between puts. */
type Step = readonly [key: string, value: string | null, timestamp: number] | 'commit' | 'seal' | 'crash' | 'range';

const TIMEOUT_MS = 60_000;
const text = { key: serdes.string, value: serdes.string };
const bytes = { key: serdes.bytes, value: serdes.bytes };
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** What every backend has to do with a store: what was committed is there after a crash, what was not comes from the changelog's tail, and nothing else is there. */
export function storeSuite(under: BackendUnderTest): void {
  describe(`state in ${under.name}`, () => {
    let scene: BackendScene;
    beforeEach(async () => {
      scene = await BackendScene.open(under);
    });
    afterEach(() => scene.close(), TIMEOUT_MS);

    /** Tests of what survives by itself. */
    const durableTest: (name: string, work: () => Promise<void>, timeoutMs: number) => void = under.isDurable
      ? (name, work, timeoutMs) => test(name, work, timeoutMs)
      : () => undefined;

    test(
      'keys of any bytes and lengths, empty and huge values: in their order, also after a crash',
      async () => {
        const builder = stores.keyValue({ name: 's', ...bytes });
        let task = await scene.begin(builder);
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
        task = await scene.restart(task, builder);
        expectAll();
        for (const key of keys) task.store.put(key, null, 1);
        await task.commit();
        task = await scene.restart(task, builder);
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
            scene.log = [];
            let task = await StoredTask.begin(scene.backend, builder, scene.log, { taskId: `0_${run}` });
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
                task = await StoredTask.begin(scene.backend, builder, scene.log, { taskId: `0_${run}` });
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
        const task = await scene.begin(stores.keyValue({ name: 's', ...text }));
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
        let task = await scene.begin(builder);
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
        task = await scene.restart(task, builder, false);
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
        let task = await scene.begin(builder);
        task.store.put('a', 'x', 1);
        await task.commit();
        await task.storage.wipe();
        expect(await task.storage.ready()).toBeUndefined();
        task = await scene.restart(task, builder, false);
        expect(Array.from(task.store.all())).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serdes, stores, type Serde } from '@playhead/stream-core';
import type { StateBackend } from '../../src/runtime/storage/state-backend.ts';
import { joinStore, outerJoinStore } from '../../src/state/join-stores.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import type { BackendUnderTest } from './backend-scene.ts';
import { StoredTask, type Log } from './stored-task.ts';

const TIMEOUT_MS = 60_000;
const bytes = { key: serdes.bytes, value: serdes.bytes };
const ANY = serdes.bytes as Serde<unknown>;
const JOIN = { key: ANY, logging: true, logConfig: {}, name: 'j' };
/** Some are the beginning of others, and some of those go on as a time does. */
const KEYS = [
  Buffer.alloc(0),
  Buffer.from([0]),
  Buffer.alloc(8),
  Buffer.alloc(16),
  Buffer.alloc(24),
  Buffer.from([0xff]),
  Buffer.alloc(17, 0xff),
  Buffer.alloc(1_977, 7),
  Buffer.alloc(1_978, 7),
  Buffer.alloc(1_979, 7),
  Buffer.alloc(5_000, 7),
];
const HUGE = 3_000_000;
const valueOf = (index: number): Buffer => Buffer.alloc(index === 3 ? HUGE : index, index);
const shown = (value: unknown): string => {
  const buffer = Buffer.from(value as Uint8Array);
  return `${buffer.length} of ${buffer[0] ?? 'nothing'}`;
};
const EXPECTED = KEYS.map((_, index) => [shown(valueOf(index))]);

/** Keys of any bytes and lengths, empty and huge values, in the stores whose keys have several rows. */
export function binaryKeysSuite(under: BackendUnderTest): void {
  describe(`keys of any bytes and lengths, empty and huge values in ${under.name}`, () => {
    let backend: StateBackend;
    beforeEach(async () => {
      backend = await under.open();
    });
    afterEach(async () => {
      await backend.close();
      await under.clean();
    }, TIMEOUT_MS);

    /** Writes, and looks before the commit, after it and after a crash. */
    async function check<S extends StateStore>(
      builder: StoreBuilder<S>,
      write: (store: S) => void,
      look: (store: S) => unknown,
      expected: unknown = EXPECTED,
    ): Promise<void> {
      const log: Log = [];
      let task = await StoredTask.begin(backend, builder, log);
      write(task.store);
      expect(look(task.store)).toEqual(expected);
      await task.commit();
      expect(look(task.store)).toEqual(expected);
      await task.crash();
      task = await StoredTask.begin(backend, builder, log);
      expect(look(task.store)).toEqual(expected);
      await task.crash();
    }

    test.each([false, true])(
      'sessions, read by end: %s',
      async (isReadByEnd) => {
        const builder = { ...stores.session({ name: 's', ...bytes, retentionMs: 1_000 }), isReadByEnd };
        const inOrder = [...KEYS].sort(Buffer.compare).map(({ length }) => length);
        await check(
          builder,
          (store) => KEYS.forEach((key, index) => store.put(key, valueOf(index), index, 500, 500)),
          (store) => [
            KEYS.map((key) => store.findSessions(key, 0, 1_000).map(({ value }) => shown(value))),
            Array.from(store.all(), ({ key }) => key.length),
          ],
          [EXPECTED, inOrder],
        );
      },
      TIMEOUT_MS,
    );

    test(
      'one side of a join',
      () =>
        check(
          joinStore({ ...JOIN, value: ANY, retentionMs: 1_000 }),
          (store) => KEYS.forEach((key, index) => store.put(key, valueOf(index), 500)),
          (store) =>
            KEYS.map((key) =>
              Array.from({ length: store.find(key, 0, 1_000) }, (_, at) => shown(store.foundValue(at))),
            ),
        ),
      TIMEOUT_MS,
    );

    test(
      'records without a partner',
      () =>
        check(
          outerJoinStore({ ...JOIN, left: ANY, right: ANY }),
          (store) => KEYS.forEach((key, index) => store.add(key, valueOf(index), index, true)),
          (store) => Array.from(store.entries(), ({ values }) => values.map(shown)),
        ),
      TIMEOUT_MS,
    );

    test(
      'versions',
      () =>
        check(
          stores.versionedKeyValue({ name: 'v', ...bytes, historyMs: 1_000 }),
          (store) => {
            KEYS.forEach((key, index) => store.putVersion(key, valueOf(index), 100));
            KEYS.forEach((key, index) => store.putVersion(key, valueOf(index + 1), 200));
          },
          (store) =>
            KEYS.map((key) => {
              const past = store.getAsOf(key, 150);
              return past === null || store.get(key) === null ? [] : [shown(past)];
            }),
        ),
      TIMEOUT_MS,
    );
  });
}

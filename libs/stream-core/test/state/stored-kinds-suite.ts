import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Serde, SessionStore, VersionedKeyValueStore } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import type { StateBackend } from '../../src/runtime/storage/state-backend.ts';
import { joinStore, outerJoinStore } from '../../src/state/join-stores.ts';
import type { JoinStore } from '../../src/state/join-store.ts';
import type { OuterJoinStore } from '../../src/state/outer-join-store.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import type { BackendUnderTest } from './backend-scene.ts';
import { StoredTask, type Log } from './stored-task.ts';
import { openStore } from './store-under-test.ts';

const TIMEOUT_MS = 120_000;
const RUNS = 60;
const RETENTION_MS = 3_000;
/** So far times go. */
const END_MS = 8 * RETENTION_MS;
const KEYS = ['', 'a', 'ab', 'b'] as const;
const text = { key: serdes.string, value: serdes.string };

/** One kind of store: what may be done to it, and everything that can be seen of it. */
interface StoredKind<S extends StateStore, W> {
  readonly name: string;
  readonly builder: (name: string) => StoreBuilder<S>;
  /** Its `timestamp` is a step from the greatest one before it. */
  readonly write: fc.Arbitrary<W>;
  apply(store: S, write: W): void;
  look(store: S): unknown;
}

const key = fc.constantFrom(...KEYS);
const value = fc.option(fc.string(), { freq: 4 });
/** From the greatest time before it on: late, in order, or so much later that whole segments have expired. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -RETENTION_MS - 500, max: 0 }) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  fc.integer({ min: 0, max: 3 * RETENTION_MS }),
);

interface SessionWrite {
  readonly key: string;
  readonly value: string | null;
  /** The session's start. */
  readonly timestamp: number;
  readonly lengthMs: number;
  readonly removes: boolean;
}

const sessions: StoredKind<SessionStore<string, string>, SessionWrite> = {
  name: 'sessions',
  builder: (name) => stores.session({ name, ...text, retentionMs: RETENTION_MS }),
  write: fc.record({ key, value, timestamp: step, lengthMs: fc.nat(2), removes: fc.boolean() }),
  apply(store, { key: of, value: put, timestamp: startMs, lengthMs, removes }) {
    const endMs = startMs + lengthMs;
    // As aggregations do: what a record finds is replaced by one session.
    for (const found of store.findSessions(of, startMs - 500, startMs + 500))
      store.remove(of, found.startMs, found.endMs, endMs);
    if (!removes) store.put(of, put, startMs, endMs, endMs);
  },
  look: (store) => [
    Array.from(store.all(), ({ key: of, startMs, endMs, value: found }) => [of, startMs, endMs, found]),
    Array.from(store.all({ reverse: true, fromMs: RETENTION_MS, toMs: 6 * RETENTION_MS }), ({ key: of, endMs }) => [
      of,
      endMs,
    ]),
    KEYS.map((of) => store.findSessions(of, 0, Infinity).map(({ startMs, endMs }) => [startMs, endMs])),
  ],
};

interface TimedWrite {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

const JOINED = serdes.string as Serde<unknown>;

const joins: StoredKind<JoinStore<unknown, unknown>, TimedWrite> = {
  name: 'one side of a join',
  builder: (name) =>
    joinStore({ name, key: JOINED, value: JOINED, logging: true, logConfig: {}, retentionMs: RETENTION_MS }),
  write: fc.record({ key, value, timestamp: step }),
  apply: (store, { key: of, value: put, timestamp }) => store.put(of, put, timestamp),
  look: (store) =>
    KEYS.flatMap((of) =>
      [4 * RETENTION_MS, 0].map((fromMs) =>
        Array.from({ length: store.find(of, fromMs, END_MS) }, (_, index) => [
          store.foundTimestamp(index),
          store.foundValue(index),
        ]),
      ),
    ),
};

const versions: StoredKind<VersionedKeyValueStore<string, string>, TimedWrite> = {
  name: 'versions',
  builder: (name) => stores.versionedKeyValue({ name, ...text, historyMs: RETENTION_MS }),
  write: fc.record({ key, value, timestamp: step }),
  apply: (store, { key: of, value: put, timestamp }) => store.put(of, put, timestamp),
  look: (store) => [
    Array.from(store.all(), ({ key: of, value: found, timestamp }) => [of, found, timestamp]),
    Array.from(store.range({ from: 'a', to: 'ab', reverse: true }), ({ key: of }) => of),
    KEYS.map((of) => Array.from({ length: 100 }, (_, index) => store.getAsOf(of, (index * END_MS) / 100))),
    KEYS.map((of) => store.getWithTimestamp(of)),
  ],
};

interface UnmatchedWrite {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
  readonly isLeft: boolean;
}

const unmatched: StoredKind<OuterJoinStore<unknown, unknown>, UnmatchedWrite> = {
  name: 'records without a partner',
  builder: (name) => outerJoinStore({ name, key: JOINED, left: JOINED, right: JOINED, logging: true, logConfig: {} }),
  write: fc.record({ key, value, timestamp: fc.integer({ min: -2, max: 1 }), isLeft: fc.boolean() }),
  apply(store, { key: of, value: put, timestamp, isLeft }) {
    if (put === null) store.remove(of, timestamp, isLeft, timestamp);
    else store.add(of, put, timestamp, isLeft);
  },
  look: (store) =>
    Array.from(store.entries(), ({ key: of, timestamp, isLeft, values }) => [of, timestamp, isLeft, ...values]).filter(
      ({ length }) => length > 3,
    ),
};

/** The kinds whose keys have several rows: after any writes, commits and crashes they have what the store in memory has that saw the same writes. */
export function storedKindsSuite(under: BackendUnderTest): void {
  describe(`state in ${under.name}, against stores in memory`, () => {
    let backend: StateBackend;
    beforeEach(async () => {
      backend = await under.open();
    });
    afterEach(async () => {
      await backend.close();
      await under.clean();
    }, TIMEOUT_MS);

    /** The kinds have different stores and writes: each is compared with itself only. */
    const kinds = [
      sessions,
      { ...sessions, name: 'sessions by end', builder: byEnd },
      joins,
      versions,
      unmatched,
    ] as unknown as StoredKind<StateStore, { timestamp: number }>[];
    test.each(kinds)(
      '$name',
      async ({ builder, write, apply, look }) => {
        const taken = fc.oneof(
          { weight: 8, arbitrary: write.map((made) => ({ write: made })) },
          fc.constantFrom('commit', 'seal', 'crash', 'look'),
        );
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(taken, { size: 'medium' }), async (steps) => {
            let nowMs = 0;
            const described = builder(`s${run++}`);
            const taskId = `0_${run}`;
            const log: Log = [];
            let task = await StoredTask.begin(backend, described, log, { taskId });
            const place = { topic: 'changelog', part: 'value' } as const;
            const codecs = { key: described.keySerde.open(place), value: described.valueSerde.open(place) };
            const { store: model } = openStore(described.build(codecs));
            for (const each of steps) {
              if (each === 'commit') await task.commit();
              else if (each === 'seal') task.seal();
              else if (each === 'look') expect(look(task.store)).toEqual(look(model));
              else if (each === 'crash') {
                await task.crash();
                task = await StoredTask.begin(backend, described, log, { taskId });
              } else if (typeof each !== 'string') {
                const timestamp = Math.min(END_MS, Math.max(0, nowMs + each.write.timestamp));
                nowMs = Math.max(nowMs, timestamp);
                apply(task.store, { ...each.write, timestamp });
                apply(model, { ...each.write, timestamp });
              }
            }
            expect(look(task.store)).toEqual(look(model));
            await task.crash();
          }),
          { numRuns: RUNS },
        );
      },
      TIMEOUT_MS,
    );
  });
}

const byEnd = (name: string) => ({ ...sessions.builder(name), isReadByEnd: true });

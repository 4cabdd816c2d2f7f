import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';
import { serdes, stores, type Serde } from '@playhead/stream-core';
import { joinStore, outerJoinStore } from '../../src/state/join-stores.ts';
import type { LmdbPart } from '../../src/runtime/storage/lmdb/lmdb-part.ts';
import { SessionKeyWriter } from '../../src/state/session-store-keys.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { KeyRows } from '../../src/runtime/storage/lmdb/timed-rows.ts';
import { CommittedStores } from './committed-stores.ts';
import { openStore } from './store-under-test.ts';

const path = mkdtempSync(join(tmpdir(), 'lmdb-'));
const committed = new CommittedStores(path);
afterAll(async () => {
  await committed.close();
  rmSync(path, { recursive: true, force: true });
});
beforeEach(() => committed.wipe());

const KEYS = 5_000;
const CACHE_BYTES = 10_000;
const text = { name: 'store', key: serdes.string, value: serdes.string };
const ANY = serdes.string as Serde<unknown>;
const sessions = stores.session({ ...text, retentionMs: 1_000_000 });
const JOIN = { name: 'store', key: ANY, value: ANY, logging: true, logConfig: undefined };
const joined = joinStore({ ...JOIN, retentionMs: 1_000_000 });
const shortJoin = joinStore({ ...JOIN, retentionMs: 3_000 });
const versions = stores.versionedKeyValue({ ...text, historyMs: 1_000_000 });

/** A store that a former one has filled and committed, and how many rows were read since its opening began. */
function reopened<S extends StateStore>(builder: StoreBuilder<S>, fill: (store: S) => void) {
  const former = committed.open(builder, { cacheBytes: CACHE_BYTES, commits: false });
  fill(openStore(former).store);
  committed.commit(former);
  const before = committed.rowsRead;
  const { store } = openStore(committed.open(builder, { cacheBytes: CACHE_BYTES }));
  return { store, rowsRead: () => committed.rowsRead - before };
}

test('a session store of 5,000 sessions is opened without reading one, and a key’s sessions are read alone', () => {
  const { store, rowsRead } = reopened(sessions, (filled) => {
    for (let i = 0; i < KEYS; i++) filled.put(`k${i}`, `v${i}`, i, i + 10, i);
    filled.put('k7', 'second', 600_000, 600_100, 600_100);
  });
  expect(store.approximateEntries).toBe(KEYS + 1);
  expect(rowsRead()).toBe(0);
  expect(store.findSessions('k7', 0, Infinity).map(({ value }) => value)).toEqual(['v7', 'second']);
  expect(rowsRead()).toBe(2);
  expect(store.findSessions('k7', 500_000, Infinity)).toHaveLength(1);
  expect(rowsRead()).toBe(2);
});

test('sessions that ended before the bound are not read', () => {
  const { store, rowsRead } = reopened(sessions, (filled) => {
    for (let i = 0; i < 100; i++) filled.put('k', `v${i}`, i * 1_000, i * 1_000, i);
  });
  expect(store.findSessions('k', 98_000, Infinity)).toHaveLength(2);
  expect(rowsRead()).toBe(2);
});

test('sessions that are asked for by end are read as far as they are asked for', () => {
  const { store, rowsRead } = reopened({ ...sessions, isReadByEnd: true }, (filled) => {
    for (let i = 0; i < KEYS; i++) filled.put(`k${i}`, `v${i}`, i, i, i);
  });
  expect(Array.from(store.all({ fromMs: 2_000, toMs: 2_002 }), ({ key }) => key)).toEqual(['k2000', 'k2001', 'k2002']);
  expect(rowsRead()).toBeLessThan(20);
});

test('one side of a join of 5,000 records is opened without reading one, takes more without reading, and finds those of a key', () => {
  const { store, rowsRead } = reopened(joined, (filled) => {
    for (let i = 0; i < KEYS; i++) filled.put(`k${i % 1_000}`, `v${i}`, i);
  });
  store.put('k3', 'new', 6_000);
  expect(rowsRead()).toBe(0);
  const length = store.find('k3', 1_000, 10_000);
  expect(Array.from({ length }, (_, i) => store.foundValue(i))).toEqual(['v1003', 'v2003', 'v3003', 'v4003', 'new']);
  expect(rowsRead()).toBe(5);
});

test('of 5,000 records without a partner those are read that are looked at', () => {
  const builder = outerJoinStore({
    name: 'store',
    key: ANY,
    left: ANY,
    right: ANY,
    logging: true,
    logConfig: undefined,
  });
  const { store, rowsRead } = reopened(builder, (filled) => {
    for (let i = 0; i < KEYS; i++) filled.add(`k${i}`, `v${i}`, i, true);
  });
  expect(rowsRead()).toBe(0);
  for (const { values } of store.entries()) {
    expect(values).toEqual(['v0']);
    break;
  }
  expect(rowsRead()).toBe(1);
});

test('a versioned store of 5,000 keys is opened without reading one, and its latest values without what was before', () => {
  const { store, rowsRead } = reopened(versions, (filled) => {
    for (let i = 0; i < KEYS; i++) {
      filled.putVersion(`k${i}`, `old${i}`, i);
      filled.putVersion(`k${i}`, `v${i}`, i + 10_000);
    }
  });
  expect(store.get('k3')).toBe('v3');
  expect(rowsRead()).toBe(1);
  expect(store.putVersion('k4', 'newer', 20_000)).toBe('latest');
  expect(rowsRead()).toBe(2);
  expect(store.getAsOf('k3', 500)).toBe('old3');
  expect(rowsRead()).toBe(3);
});

test('what is read stays within the read cache', () => {
  const { store, rowsRead } = reopened(sessions, (filled) => {
    for (let i = 0; i < KEYS; i++) filled.put(`k${i}`, `v${i}`, i, i + 10, i);
  });
  const readAll = (): void => {
    for (let i = 0; i < KEYS; i++) store.findSessions(`k${i}`, 0, Infinity);
  };
  readAll();
  readAll();
  // Had they been kept, the second time would have read nothing; only a few of them have room.
  expect(rowsRead()).toBeGreaterThan(2 * KEYS - CACHE_BYTES / 300);
});

test('a delete that had left the history took the versions of another key with it', () => {
  const history = stores.versionedKeyValue({ ...text, historyMs: 3_000 });
  const { store } = openStore(committed.open(history, { cacheBytes: CACHE_BYTES }));
  store.putVersion('k', null, 30);
  store.putVersion('other', 'a', 7_000);
  store.putVersion('other', 'b', 7_600);
  store.putVersion('k', 'x', 7_700);
  const { store: again } = openStore(committed.open(history));
  expect([again.getAsOf('other', 7_100), again.get('other'), again.get('k')]).toEqual(['a', 'b', 'x']);
});

test('a deleted value came back once its delete had been cleared away and what it had deleted had not', () => {
  const history = stores.versionedKeyValue({ ...text, historyMs: 3_000 });
  const { store } = openStore(committed.open(history));
  store.putVersion('k', 'a', 100);
  store.putVersion('k', 'b', 200);
  store.putVersion('k', null, 1_600);
  // Takes the place of the segment with the delete.
  store.putVersion('other', 'x', 9_100);
  store.putVersion('other', 'y', 9_200);
  const { store: again } = openStore(committed.open(history));
  expect(again.getAsOf('k', 9_150)).toBeNull();
  again.putVersion('k', 'latest', 9_300);
  again.putVersion('k', 'between', 9_250);
  expect([9_210, 9_260, 9_300].map((asOf) => again.getAsOf('k', asOf))).toEqual([null, 'between', 'latest']);
});

test('a stale query of a key whose sessions are committed one after the other threw', () => {
  const { store } = openStore(committed.open(sessions, { commits: false }));
  const restore = (value: string, endMs: number): void =>
    store.restore(new SessionKeyWriter().write(Buffer.from('k'), 0, endMs), Buffer.from(value), endMs);
  restore('first', 10);
  committed.commit(store, () => restore('second', 20));
  expect(store.findSessions('k', 0, Infinity).map(({ value }) => value)).toEqual(['first', 'second']);
  committed.commit(store);
  expect(Array.from(store.all(), ({ value }) => value)).toEqual(['first', 'second']);
});

test.each<[string, () => (timeMs: number) => LmdbPart]>([
  [
    'records of a join',
    () => {
      const { store } = openStore(committed.open(shortJoin, { commits: false }));
      return (timeMs) => (store.put('hot', 'v', timeMs), store);
    },
  ],
  [
    'versions',
    () => {
      const { store } = openStore(
        committed.open(stores.versionedKeyValue({ ...text, historyMs: 3_000 }), { commits: false }),
      );
      return (timeMs) => (store.putVersion('hot', 'v', timeMs), store);
    },
  ],
])('%s of a key that is written between every two commits stayed in memory for ever', (_, open) => {
  const added = jest.spyOn(KeyRows.prototype, 'add');
  try {
    const put = open();
    for (let at = 0; at < 500; at++) {
      const store = put(at * 100);
      // Something of the key is always on its way.
      committed.commit(store, () => put(at * 100 + 50));
    }
    expect(new Set(added.mock.contexts).size).toBe(1);
    // 60 of them are within 3,000 ms.
    expect((added.mock.contexts[0] as KeyRows<unknown, unknown>).length).toBeLessThan(150);
  } finally {
    added.mockRestore();
  }
});

test('what was put before a delete that had left memory came back when both had expired', () => {
  const { store } = openStore(
    committed.open(stores.versionedKeyValue({ ...text, historyMs: 3_000 }), { commits: false }),
  );
  store.putVersion('k', null, 1);
  committed.commit(store);
  store.putVersion('k', 'v', 0);
  store.putVersion('other', 'a', 4_500);
  expect(store.getAsOf('k', 4_000)).toBeNull();
});

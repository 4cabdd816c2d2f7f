import { describe, expect, test } from '@jest/globals';
import { parseWireQuery } from '../../../src/runtime/query/query-wire.ts';
import { decodeQuestion, encodeQuestion } from '../../../src/runtime/query/queryable-store.ts';
import { readStore } from '../../../src/runtime/query/read-store.ts';
import { requireKind, type StoreQuestion } from '../../../src/runtime/query/store-question.ts';
import type { SessionStore } from '../../../src/state/session-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { stores } from '../../../src/state/stores.ts';
import type { WindowStore } from '../../../src/state/window-store.ts';
import { serdes } from '../../../src/serde/serdes.ts';
import { fakeStore, number, text } from './query-fakes.ts';

const QUESTIONS: readonly StoreQuestion<string>[] = [
  { kind: 'get', key: 'a' },
  { kind: 'getAsOf', key: 'a', asOfMs: 15 },
  { kind: 'range', from: 'a', to: 'b', limit: 5 },
  { kind: 'range', from: undefined, to: undefined, limit: 5 },
  { kind: 'count' },
  { kind: 'fetch', key: 'a', fromMs: 0, toMs: 20, limit: 5 },
  { kind: 'fetchAll', fromMs: 10, toMs: 20, limit: 1 },
  { kind: 'findSessions', key: 'a', earliestEndMs: 5, latestStartMs: 30, limit: 5 },
];

test.each(QUESTIONS)('$kind comes out of the wire as it went in', (question) => {
  const terms = { bound: undefined, acknowledged: false, timeoutMs: 1_000 };
  const body = JSON.stringify({ store: 's', partition: 0, question: encodeQuestion(text, question), terms });
  expect(decodeQuestion(text, parseWireQuery(body).question)).toEqual(question);
});

describe('reading a store of this process', () => {
  const common = { name: 's', key: serdes.string, value: serdes.long };
  const context = {
    taskId: '0_0',
    changelog: undefined,
    countDropped: () => {},
    record: { timestamp: 0, headers: [] },
    freezeValues: false,
  };

  function windows(): WindowStore<string, number> {
    const store = stores
      .window<string, number>({ ...common, windowSizeMs: 10, retentionMs: 1_000 })
      .build({ key: text, value: number });
    store.init(context);
    for (const [key, start] of [
      ['a', 0],
      ['b', 10],
      ['a', 10],
      ['a', 30],
    ] as const)
      store.put(key, start, start, start + 5);
    return store;
  }

  function sessions(): SessionStore<string, number> {
    const store = stores.session<string, number>({ ...common, retentionMs: 1_000 }).build({ key: text, value: number });
    store.init(context);
    for (const [start, end] of [
      [0, 4],
      [20, 25],
      [40, 41],
    ] as const)
      store.put('a', start, start, end, end);
    return store;
  }

  const found = (store: StateStore, question: StoreQuestion<string>) => readStore<string, number>(store, question);

  test('windows of a key and of all keys, with the limit', () => {
    const windowsOf = (question: StoreQuestion<string>) =>
      found(windows(), question).entries.map(({ key, startMs, timestamp }) => [key, startMs, timestamp]);
    expect(windowsOf({ kind: 'fetch', key: 'a', fromMs: 0, toMs: 20, limit: 5 })).toEqual([
      ['a', 0, 5],
      ['a', 10, 15],
    ]);
    expect(windowsOf({ kind: 'fetchAll', fromMs: 10, toMs: 30, limit: 5 })).toEqual([
      ['a', 10, 15],
      ['b', 10, 15],
      ['a', 30, 35],
    ]);
    expect(found(windows(), { kind: 'fetchAll', fromMs: 0, toMs: 99, limit: 3 })).toMatchObject({ truncated: true });
  });

  test('sessions of a key', () => {
    const question = { kind: 'findSessions', key: 'a', earliestEndMs: 25, latestStartMs: 39, limit: 5 } as const;
    expect(found(sessions(), question).entries).toEqual([{ key: 'a', startMs: 20, endMs: 25, value: 20 }]);
    expect(found(sessions(), { ...question, earliestEndMs: 0, limit: 1 })).toMatchObject({ truncated: true });
  });

  test('the value that a key had at a time, and since when', () => {
    const store = stores
      .versionedKeyValue<string, number>({ ...common, historyMs: 100 })
      .build({ key: text, value: number });
    store.init(context);
    for (const at of [0, 10, 20]) store.putVersion('a', at === 20 ? null : at + 1, at);
    const asOf = (asOfMs: number) => found(store, { kind: 'getAsOf', key: 'a', asOfMs }).entries;
    expect(asOf(9)).toEqual([{ key: 'a', value: 1, timestamp: 0 }]);
    expect(asOf(15)).toEqual([{ key: 'a', value: 11, timestamp: 10 }]);
    expect(asOf(20)).toEqual([]);
    expect(() => found(fakeStore(new Map()), { kind: 'getAsOf', key: 'a', asOfMs: 1 })).toThrow(
      'getAsOf needs a versioned store; "counts" is a key-value store, which can be asked: get, range, count',
    );
  });

  test.each([
    ['key-value', () => fakeStore(new Map([['a', 1]])), 1],
    ['window', windows, 4],
    ['session', sessions, 3],
  ])('how many entries a %s store has', (_, store, count) => {
    expect(found(store(), { kind: 'count' })).toEqual({ entries: [], truncated: false, count });
  });

  test('a question that its kind does not answer is refused with those that it does', () => {
    const question = { kind: 'findSessions', key: 'a', earliestEndMs: 0, latestStartMs: 1, limit: 1 } as const;
    expect(() => found(windows(), question)).toThrow(
      'findSessions needs a session store; "s" is a window store, which can be asked: count, fetch, fetchAll',
    );
    expect(() => requireKind({ name: 's', kind: 'session' }, 'get')).toThrow('which can be asked: count, findSessions');
  });
});

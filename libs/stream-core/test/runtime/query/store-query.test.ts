import { describe, expect, test } from '@jest/globals';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import type { QueryableStore } from '../../../src/runtime/query/queryable-store.ts';
import { StoreQuery, type AskPartition } from '../../../src/runtime/query/store-query.ts';
import type { StoreAnswer } from '../../../src/runtime/query/query-wire.ts';
import type { StoreQuestion } from '../../../src/runtime/query/store-question.ts';
import { countsStore } from './query-fakes.ts';

interface Asked {
  readonly partition: number;
  readonly question: StoreQuestion<unknown>;
}

/** A query whose partitions answer what `answers` has for them. */
function queryOf(
  store: QueryableStore<string, number>,
  answers: Record<number, Partial<StoreAnswer<string, number>>> = {},
) {
  const asked: Asked[] = [];
  const ask: AskPartition = (_store, partition, question) => {
    asked.push({ partition, question });
    return Promise.resolve({ entries: [], truncated: false, position: [], ...answers[partition] } as never);
  };
  return { query: new StoreQuery(() => store, ask), asked };
}

describe('asking a store', () => {
  test.each([
    ['its own key', 'demo/acc-1', undefined, partitionForKey(Buffer.from('demo/acc-1'), 4)],
    ['the part that partitions it', 'demo/acc-1/s-9', 'demo/acc-1', partitionForKey(Buffer.from('demo/acc-1'), 4)],
    ['Kafka hashes "a" of 12', 'a', undefined, 4],
  ])('a key goes to the partition of %s', async (_, key, partitionKey, expected) => {
    const { query, asked } = queryOf(countsStore({ partitions: key === 'a' ? 12 : 4 }));
    await query.get(key, { partitionKey });
    expect(asked).toEqual([{ partition: expected, question: { kind: 'get', key } }]);
  });

  test('a key that is not there has no value', async () => {
    const { query } = queryOf(countsStore({ partitions: 1 }), { 0: { position: [] } });
    expect(await query.get('a')).toEqual({ value: undefined, timestamp: undefined, position: [] });
  });

  test('all partitions are asked and merged by key up to the limit', async () => {
    const position = (partition: number) => [{ topic: 'beats', partition, offset: 9 }];
    const entries = (...keys: string[]) => keys.map((key) => ({ key, value: 1, timestamp: 2 }));
    const { query, asked } = queryOf(countsStore({ partitions: 3 }), {
      0: { entries: entries('b', 'f'), position: position(0) },
      1: { entries: entries('a', 'c'), position: position(1) },
      2: { entries: entries('d'), position: position(2) },
    });
    const all = await query.all({ limit: 4 });
    expect(all.entries.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
    expect(all.truncated).toBe(true);
    expect(all.position).toEqual([...position(0), ...position(1), ...position(2)]);
    expect(asked.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect((await query.all({ limit: 5 })).truncated).toBe(false);
  });

  test('a range can be asked of one partition', async () => {
    const { query, asked } = queryOf(countsStore());
    await query.range('a', 'c', { partition: 2, limit: 7 });
    expect(asked).toEqual([{ partition: 2, question: { kind: 'range', from: 'a', to: 'c', limit: 7 } }]);
  });

  test('the past of a key is asked where the store has a history', async () => {
    const { query, asked } = queryOf(countsStore({ partitions: 1, historyMs: 100 }), {
      0: { entries: [{ key: 'a', value: 3, timestamp: 10 }] },
    });
    expect(await query.getAsOf('a', 15)).toEqual({ value: 3, timestamp: 10, position: [] });
    expect(asked).toEqual([{ partition: 0, question: { kind: 'getAsOf', key: 'a', asOfMs: 15 } }]);
    const plain = queryOf(countsStore()).query;
    await expect(plain.getAsOf('a', 15)).rejects.toThrow(
      'getAsOf needs a versioned store; "counts" is a key-value store',
    );
  });

  test('windows of a key are asked by their starts', async () => {
    const { query, asked } = queryOf(countsStore({ kind: 'window', partitions: 1 }), {
      0: { entries: [{ key: 'a', value: 3, timestamp: 61_000, startMs: 60_000 }] },
    });
    const result = await query.fetch('a', 0, 60_000);
    expect(result.windows).toEqual([{ windowStartMs: 60_000, value: 3, timestamp: 61_000 }]);
    expect(asked[0]?.question).toEqual({ kind: 'fetch', key: 'a', fromMs: 0, toMs: 60_000, limit: 1000 });
  });

  test('windows of all keys are merged over the partitions by start, then key', async () => {
    const entries = (...rows: [string, number][]) =>
      rows.map(([key, startMs]) => ({ key, value: 1, timestamp: startMs, startMs }));
    const { query, asked } = queryOf(countsStore({ kind: 'window', partitions: 2 }), {
      0: { entries: entries(['b', 0], ['b', 60_000]) },
      1: { entries: entries(['a', 0], ['c', 0], ['a', 60_000]), truncated: true },
    });
    const { windows, truncated } = await query.fetchAll(0, 60_000, { limit: 4 });
    expect(windows.map(({ key, windowStartMs }) => `${key}@${windowStartMs}`)).toEqual([
      'a@0',
      'b@0',
      'c@0',
      'a@60000',
    ]);
    expect(truncated).toBe(true);
    expect(asked[0]?.question).toEqual({ kind: 'fetchAll', fromMs: 0, toMs: 60_000, limit: 4 });
  });

  test('sessions of a key are asked by their ends and starts, all of them by default', async () => {
    const { query, asked } = queryOf(countsStore({ kind: 'session', partitions: 1 }), {
      0: { entries: [{ key: 'a', value: 3, startMs: 10, endMs: 25 }] },
    });
    const result = await query.findSessions('a');
    expect(result).toEqual({ sessions: [{ startMs: 10, endMs: 25, value: 3 }], truncated: false, position: [] });
    await query.findSessions('a', { earliestEndMs: 5, latestStartMs: 15, limit: 2 });
    expect(asked.map(({ question }) => question)).toEqual([
      { kind: 'findSessions', key: 'a', earliestEndMs: 0, latestStartMs: Number.MAX_SAFE_INTEGER, limit: 1000 },
      { kind: 'findSessions', key: 'a', earliestEndMs: 5, latestStartMs: 15, limit: 2 },
    ]);
  });

  test.each(['key-value', 'window', 'session'] as const)(
    'entries of a %s store are counted over its partitions',
    async (kind) => {
      const { query, asked } = queryOf(countsStore({ kind, partitions: 2 }), { 0: { count: 3 }, 1: { count: 4 } });
      expect((await query.count()).count).toBe(7);
      expect((await query.count({ partition: 1 })).count).toBe(4);
      expect(asked.map(({ partition }) => partition)).toEqual([0, 1, 1]);
    },
  );

  test.each([
    ['get of a window store', countsStore({ kind: 'window' }), (q: StoreQuery<string, number>) => q.get('a')],
    ['fetch of a key-value store', countsStore(), (q: StoreQuery<string, number>) => q.fetch('a', 0, 1)],
    [
      'fetchAll of a session store',
      countsStore({ kind: 'session' }),
      (q: StoreQuery<string, number>) => q.fetchAll(0, 1),
    ],
    [
      'findSessions of a window store',
      countsStore({ kind: 'window' }),
      (q: StoreQuery<string, number>) => q.findSessions('a'),
    ],
    [
      'a time without end',
      countsStore({ kind: 'window' }),
      (q: StoreQuery<string, number>) => q.fetch('a', 0, Infinity),
    ],
    ['a limit of 0', countsStore(), (q: StoreQuery<string, number>) => q.all({ limit: 0 })],
  ])('refuses %s', async (_, store, ask) => {
    const { query, asked } = queryOf(store);
    await expect(ask(query)).rejects.toMatchObject({ reason: 'BAD_QUERY', store: 'counts' });
    expect(asked).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import type { QueryableStore } from '../../../src/runtime/query/queryable-store.ts';
import { StoreQuery, type AskPartition } from '../../../src/runtime/query/store-query.ts';
import type { StoreAnswer, StoreQuestion } from '../../../src/runtime/query/query-wire.ts';
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

  test('windows of a key are asked by their starts', async () => {
    const { query, asked } = queryOf(countsStore({ kind: 'window', partitions: 1 }), {
      0: { entries: [{ key: 'a', value: 3, timestamp: 61_000, windowStartMs: 60_000 }] },
    });
    const result = await query.fetch('a', 0, 60_000);
    expect(result.windows).toEqual([{ windowStartMs: 60_000, value: 3, timestamp: 61_000 }]);
    expect(asked[0]?.question).toEqual({ kind: 'fetch', key: 'a', fromMs: 0, toMs: 60_000, limit: 1000 });
  });

  test.each([
    ['get of a window store', countsStore({ kind: 'window' }), (q: StoreQuery<string, number>) => q.get('a')],
    ['fetch of a key-value store', countsStore(), (q: StoreQuery<string, number>) => q.fetch('a', 0, 1)],
    ['a limit of 0', countsStore(), (q: StoreQuery<string, number>) => q.all({ limit: 0 })],
  ])('refuses %s', async (_, store, ask) => {
    const { query, asked } = queryOf(store);
    await expect(ask(query)).rejects.toMatchObject({ reason: 'BAD_QUERY', store: 'counts' });
    expect(asked).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { Acknowledgements } from '../../../src/runtime/query/acknowledgements.ts';
import { LocalQueries, type LocalStore, type StaleStore } from '../../../src/runtime/query/local-queries.ts';
import { QueryError } from '../../../src/runtime/query/query-error.ts';
import { TaskProgress } from '../../../src/runtime/query/task-progress.ts';
import type { QueryableStore } from '../../../src/runtime/query/queryable-store.ts';
import type { Codec } from '../../../src/serde/serde.ts';
import { countsStore, fakeStore } from './query-fakes.ts';

const question = { kind: 'get', key: 'a' } as const;
const terms = { bound: undefined, acknowledged: false, timeoutMs: 60_000 };
const bound = (offset: number) => ({ topic: 'beats', partition: 1, offset });

function setUp({
  restored = true,
  owned = true,
  stale,
}: { restored?: boolean; owned?: boolean; stale?: Partial<StaleStore> } = {}) {
  const producer = { position: 0, acknowledged: 0, error: undefined as Error | undefined, hurry: () => undefined };
  const acknowledgements = new Acknowledgements(producer);
  const values = new Map([['a', 1]]);
  const progress = new TaskProgress();
  const local: LocalStore = {
    store: restored ? fakeStore(values) : undefined,
    progress,
    stale: stale && { store: fakeStore(values), isStandby: true, lag: 0, ...stale },
  };
  const queries = new LocalQueries({ find: () => (owned ? local : undefined), acknowledgements });
  return { queries, producer, acknowledgements, values, progress };
}

const reasonOf = async (answer: Promise<unknown>): Promise<string> => {
  const error: unknown = await answer.catch((caught: unknown) => caught);
  return error instanceof QueryError ? `${error.reason}: ${error.message}` : String(error);
};

describe('a question to a store of this instance', () => {
  test('is answered at once without a bound', async () => {
    const { queries, progress } = setUp();
    progress.advance('beats', 1, 8);
    const answer = await queries.ask(countsStore(), 1, question, terms);
    expect(answer.entries).toEqual([{ key: 'a', value: 1, timestamp: 1001 }]);
    expect(answer.position).toEqual([bound(7)]);
  });

  test.each([
    ['a standby', true],
    ['an owner that restores', false],
  ])('%s answers what may be stale, with what it lacks', async (_, isStandby) => {
    const { queries } = setUp({ restored: false, stale: { isStandby, lag: 3 } });
    const answer = await queries.ask(countsStore(), 1, question, { ...terms, staleWithin: 3 });
    expect(answer).toMatchObject({ entries: [{ value: 1 }], staleLag: 3, position: [] });
  });

  test.each([
    [
      'a standby that lacks too much',
      { lag: 4 },
      3,
      'NOT_AVAILABLE: store "counts", task 0_1 is a standby here; it lacks 4 offsets, allowed: 3',
    ],
    [
      'a standby that does not know',
      { lag: undefined },
      3,
      'NOT_AVAILABLE: store "counts", task 0_1 is a standby here; it lacks an unknown number of offsets, allowed: 3',
    ],
    ['a standby that is taken for the owner', {}, undefined, 'NOT_OWNER: store "counts", task 0_1 is a standby here'],
    [
      'an owner that restores',
      { isStandby: false },
      undefined,
      'NOT_AVAILABLE: store "counts", task 0_1 is being restored',
    ],
  ])('%s refuses', async (_, stale, staleWithin, expected) => {
    const { queries } = setUp({ restored: false, stale });
    expect(await reasonOf(queries.ask(countsStore(), 1, question, { ...terms, staleWithin }))).toBe(expected);
  });

  test('an owner that restores says when it will be through', async () => {
    const { queries } = setUp({ restored: false, stale: { isStandby: false, etaMs: 4_200 } });
    await expect(queries.ask(countsStore(), 1, question, terms)).rejects.toMatchObject({ retryAfterMs: 4_200 });
  });

  test('waits for its bound and then sees what that record did', async () => {
    const { queries, values, progress } = setUp();
    const answer = queries.ask(countsStore(), 1, question, { ...terms, bound: bound(5) });
    progress.advance('beats', 1, 5);
    values.set('a', 2);
    progress.advance('beats', 1, 6);
    expect((await answer).entries[0]?.value).toBe(2);
  });

  test('acknowledged: shows what was read before the wait, and only after Kafka has all that was produced by then', async () => {
    const { queries, producer, acknowledgements, values } = setUp();
    producer.position = 3;
    let answered = false;
    const answer = queries.ask(countsStore(), 1, question, { ...terms, acknowledged: true }).then((result) => {
      answered = true;
      return result;
    });
    values.set('a', 99);
    producer.position = 4;
    producer.acknowledged = 2;
    acknowledgements.onProgress();
    await Promise.resolve();
    expect(answered).toBe(false);
    producer.acknowledged = 3;
    acknowledgements.onProgress();
    expect((await answer).entries[0]?.value).toBe(1);
  });

  test.each([
    ['that is not here', { owned: false }, terms, 'NOT_OWNER: this instance does not own store "counts", task 0_1'],
    ['that is being restored', { restored: false }, terms, 'NOT_AVAILABLE: store "counts", task 0_1 is being restored'],
    [
      'that is behind for too long',
      {},
      { ...terms, bound: bound(5), timeoutMs: 1 },
      'TIMEOUT: store "counts", task 0_1 had processed beats up to offset 3 after 1 ms; the bound is 5',
    ],
  ])('is refused by a store %s', async (_, situation, asked, message) => {
    const { queries, progress } = setUp(situation);
    progress.advance('beats', 1, 4);
    expect(await reasonOf(queries.ask(countsStore(), 1, question, asked))).toBe(message);
  });

  test('is refused when Kafka does not acknowledge in time', async () => {
    const { queries, producer } = setUp();
    producer.position = 1;
    const answer = queries.ask(countsStore(), 1, question, { ...terms, acknowledged: true, timeoutMs: 1 });
    expect(await reasonOf(answer)).toContain('TIMEOUT: Kafka has not acknowledged');
  });

  test('is refused with NOT_OWNER when the task leaves while it waits', async () => {
    const { queries, progress } = setUp();
    const answer = queries.ask(countsStore(), 1, question, { ...terms, bound: bound(5) });
    progress.close(new QueryError('NOT_OWNER', 'moved', { store: 'counts' }));
    expect(await reasonOf(answer)).toBe('NOT_OWNER: moved');
  });

  test('a range stops at its limit and says so', async () => {
    const { queries, values } = setUp();
    values.set('b', 2).set('c', 3);
    const ask = (limit: number) =>
      queries.ask(countsStore(), 1, { kind: 'range', from: undefined, to: undefined, limit }, terms);
    expect(await ask(2)).toMatchObject({ entries: [{ key: 'a' }, { key: 'b' }], truncated: true });
    expect(await ask(3)).toMatchObject({ entries: [{}, {}, { key: 'c' }], truncated: false });
  });

  test('shows a copy of a value that is changed in place', async () => {
    const { queries, values } = setUp();
    const value = { count: 1 };
    const json: Codec<{ count: number }> = {
      serialize: (object) => Buffer.from(JSON.stringify(object)),
      deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as { count: number },
    };
    values.set('a', value as never);
    const ask = async (mutates: boolean) => {
      const store = { ...countsStore(), value: json, mutates } as QueryableStore<string, { count: number }>;
      return (await queries.ask(store, 1, question, terms)).entries[0]?.value;
    };
    const [copy, live] = [await ask(true), await ask(false)];
    value.count = 2;
    expect([copy, live]).toEqual([{ count: 1 }, { count: 2 }]);
  });

  test('a window question to a key-value store is refused', async () => {
    const { queries } = setUp();
    const answer = queries.ask(countsStore(), 1, { kind: 'fetch', key: 'a', fromMs: 0, toMs: 9, limit: 1 }, terms);
    expect(await reasonOf(answer)).toContain('BAD_QUERY');
  });
});

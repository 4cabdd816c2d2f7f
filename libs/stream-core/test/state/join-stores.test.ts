import { describe, expect, test } from '@jest/globals';
import { serdes } from '@playhead/stream-core';
import type { StateStore } from '@playhead/stream-core';
import { joinBuffer } from '../../src/state/in-memory-join-buffer.ts';
import { subscriptionStore } from '../../src/state/in-memory-subscription-store.ts';
import type { JoinBuffer } from '../../src/state/join-buffer.ts';
import { outerJoinStore } from '../../src/state/join-stores.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { joinStoreSuite } from './join-store-suite.ts';
import { openStore } from './store-under-test.ts';
import type { LoggedChange } from './store-under-test.ts';

const text = serdes.string as never;
const common = { name: 's', key: text, logging: true, logConfig: undefined };

function build<S extends StateStore>(builder: StoreBuilder<S>): S {
  const place = { topic: 'changelog', part: 'value' } as const;
  return builder.build({ key: builder.keySerde.open(place), value: builder.valueSerde.open(place) });
}

function restored<S extends StateStore>(builder: StoreBuilder<S>, changes: readonly LoggedChange[]): S {
  const { store } = openStore(build(builder), { logging: false });
  for (const { key, value, timestamp } of changes) store.restore(key, value, timestamp);
  return store;
}

joinStoreSuite('the store of one side of a join', build);

describe('the store of records without a partner', () => {
  const builder = outerJoinStore({ ...common, left: text, right: text });

  test('has them by time, the right side first, then by key; equal ones in one entry', () => {
    const { store, observed } = openStore(build(builder));
    store.add('b', 'l1', 5, true);
    store.add('a', 'l2', 5, true);
    store.add('z', 'r', 5, false);
    store.add('z', 'first', 4, true);
    store.add('b', 'l3', 5, true);
    const entries = () =>
      store.entries().map(({ key, timestamp, isLeft, values }) => [key, timestamp, isLeft, [...values]]);
    const all = [
      ['z', 4, true, ['first']],
      ['z', 5, false, ['r']],
      ['a', 5, true, ['l2']],
      ['b', 5, true, ['l1', 'l3']],
    ];
    expect(entries()).toEqual(all);
    store.remove('a', 5, false, 9);
    expect(observed.changes).toHaveLength(5);
    store.remove('a', 5, true, 9);
    expect(observed.changes.at(-1)).toEqual({
      key: Buffer.from('00000000000000050161', 'hex'),
      value: null,
      timestamp: 9,
    });
    const back = restored(builder, observed.changes).entries();
    expect(back.filter(({ values }) => values.length > 0).map(({ key, values }) => [key, values])).toEqual(
      all.filter(([key]) => key !== 'a').map(([key, , , values]) => [key, values]),
    );
  });

  test('does not grow by what was deleted', () => {
    const { store } = openStore(build(builder), { logging: false });
    for (let i = 0; i < 1_000; i++) {
      store.add('k', 'v', i, true);
      store.remove('k', i, true, i);
    }
    expect(store.entries().length).toBeLessThan(100);
    expect(store.approximateEntries).toBe(0);
  });
});

test('the subscribers of a row come by the bytes of their keys, and come back from the changelog', () => {
  const builder = subscriptionStore('s', { foreignKey: text, primaryKey: text, subscription: serdes.string });
  const { store, observed } = openStore(build(builder));
  store.put('f', 'b', 'sub-b', 2);
  store.put('f', 'a', 'sub-a', 1);
  store.put('ff', 'x', 'sub-x', 1);
  store.put('f', 'c', 'sub-c', 1);
  store.put('f', 'c', null, 3);
  const names = (from: typeof store): string[] => from.subscribers('f').map(({ subscription }) => subscription);
  expect(names(store)).toEqual(['sub-a', 'sub-b']);
  expect(names(restored(builder, observed.changes))).toEqual(['sub-a', 'sub-b']);
  expect(observed.changes[0]?.key.toString('hex')).toBe('000000016662');
});

test('a grace buffer gives by time, key and arrival what its grace is over for, and comes back with where it came from', () => {
  const builder = joinBuffer('s', 10, { key: text, value: text });
  const { store, observed } = openStore(build(builder) as JoinBuffer<unknown, unknown>);
  const origin = { topic: 'in', partition: 1, offset: 7, headers: [{ key: 'h', value: Buffer.from('x') }] };
  const put = (key: string, value: string, timestamp: number) => store.put({ key, value, timestamp, ...origin });
  const take = (from: JoinBuffer<unknown, unknown>): unknown[] => {
    const taken: unknown[] = [];
    for (let next = from.next(); next !== undefined; next = from.next()) {
      taken.push(next);
      from.removeNext();
    }
    return taken;
  };
  expect([put('b', '1', 5), put('a', '2', 5), put('a', '3', 5), put('a', '4', 4)]).toEqual([true, true, true, true]);
  expect(store.next()).toBeUndefined();
  put('x', '5', 15);
  expect(put('k', 'late', 4)).toBe(false);
  const back = restored(builder, observed.changes) as JoinBuffer<unknown, unknown>;
  const values = ['4', '2', '3', '1'];
  expect(take(store).map((record) => (record as { value: string }).value)).toEqual(values);
  back.init({ ...openContext(), changelog: undefined });
  expect(take(back)).toEqual(
    values.map((value, i) => ({ key: i < 3 ? 'a' : 'b', value, timestamp: i === 0 ? 4 : 5, ...origin })),
  );
});

function openContext() {
  return { taskId: '0_0', countDropped: () => {}, record: { timestamp: 0, headers: [] }, freezeValues: false };
}

import { expect, test } from '@jest/globals';
import { serdes } from '@playhead/stream-core';
import type { Codec, Serde, StateStore } from '@playhead/stream-core';
import { joinBuffer } from '../../src/state/in-memory-join-buffer.ts';
import { subscriptionStore } from '../../src/state/in-memory-subscription-store.ts';
import type { JoinBuffer } from '../../src/state/join-buffer.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { sidedValuesSerde } from '../../src/state/outer-join-forms.ts';
import { joinStoreSuite } from './join-store-suite.ts';
import { outerJoinStoreSuite } from './outer-join-store-suite.ts';
import { openStore } from './store-under-test.ts';
import type { LoggedChange } from './store-under-test.ts';

const text = serdes.string as never;

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

outerJoinStoreSuite('the store of records without a partner', build);

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

test('lists of records without a partner tell the formats in them when the codecs of both sides do', () => {
  const place = { topic: 'changelog', part: 'value' } as const;
  const strings = serdes.string.open(place);
  const formatted = (formatOf?: Codec<unknown>['formatOf']): Serde<unknown> => ({
    open: () => ({
      serialize: (value) => strings.serialize(value as string),
      deserialize: (bytes) => strings.deserialize(bytes),
      ready: Promise.resolve(),
      ...(formatOf && { formatOf }),
    }),
  });
  const firstByte = (bytes: Uint8Array): number => bytes[0] as number;
  const codec = sidedValuesSerde(formatted(firstByte), text).open(place);
  const formatOf = (...values: string[]): number | undefined =>
    codec.formatOf?.(codec.serialize({ isLeft: true, values }));
  expect(formatOf('a1', 'a2')).toBe(formatOf('a3'));
  expect(new Set([formatOf('a'), formatOf('b'), formatOf('a', 'b')]).size).toBe(3);
  const cannotTell = sidedValuesSerde(formatted(firstByte), formatted()).open(place);
  expect([cannotTell.formatOf, cannotTell.ready === undefined]).toEqual([undefined, false]);
  expect(sidedValuesSerde(text, text).open(place).ready).toBeUndefined();
});

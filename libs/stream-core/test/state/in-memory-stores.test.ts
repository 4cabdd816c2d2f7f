import { expect, test } from '@jest/globals';
import type { Codec, Serde } from '@playhead/stream-core';
import { StreamsError, TopologyError, serdes, stores } from '@playhead/stream-core';
import { keyValueStoreSuite } from './key-value-store-suite.ts';
import { openStore } from './store-under-test.ts';
import { sessionStoreSuite } from './session-store-suite.ts';
import { windowStoreSuite } from './window-store-suite.ts';

const codec = (serde: Serde<never> | Serde<unknown>): Codec<unknown> =>
  (serde as Serde<unknown>).open({ topic: 'changelog', part: 'value' });
const codecs = (key: unknown, value: unknown) => ({
  key: codec(key as Serde<unknown>),
  value: codec(value as Serde<unknown>),
});

keyValueStoreSuite('the store in memory', (key, value) =>
  stores.keyValue({ name: 's', key, value }).build(codecs(key, value)),
);

keyValueStoreSuite('the packed store', (key, value) =>
  stores.packedKeyValue({ name: 's', key, value }).build(codecs(key, value)),
);

windowStoreSuite('the store in memory', (retentionMs) =>
  stores
    .window({ name: 'w', key: serdes.string, value: serdes.string, windowSizeMs: 1, retentionMs })
    .build(codecs(serdes.string, serdes.string)),
);

sessionStoreSuite('the store in memory', (retentionMs) =>
  stores
    .session({ name: 's', key: serdes.string, value: serdes.string, retentionMs })
    .build(codecs(serdes.string, serdes.string)),
);

test('values are frozen where the driver asks for it, unless the store’s values may be changed in place', () => {
  const make = (mutates: boolean) => {
    const value = serdes.json<{ list: number[] }>();
    const builder = stores.keyValue({ name: 's', key: serdes.string, value, mutates });
    return openStore(builder.build(codecs(serdes.string, value)), { freezeValues: true }).store;
  };
  const stored = { list: [1] };
  make(false).put('a', stored, 1);
  expect([Object.isFrozen(stored), Object.isFrozen(stored.list)]).toEqual([true, true]);
  const changeable = { list: [1] };
  make(true).put('a', changeable, 1);
  expect(Object.isFrozen(changeable)).toBe(false);
});

test('a store that is not open says so', () => {
  const store = stores
    .keyValue({ name: 's', key: serdes.string, value: serdes.string })
    .build(codecs(serdes.string, serdes.string));
  expect(() => store.put('a', 'b', 1)).toThrow(StreamsError);
});

test('a window store cannot keep less than a window', () => {
  const options = { name: 'w', key: serdes.string, value: serdes.string, windowSizeMs: 10, retentionMs: 9 };
  expect(() => stores.window(options)).toThrow(TopologyError);
});

import { expect, test } from '@jest/globals';
import { ArgumentError, serdes } from '@playhead/stream-core';
import fc from 'fast-check';
import { PackedKeyValueStore } from '../../src/state/packed-key-value-store.ts';
import { openStore } from './store-under-test.ts';

const open = () => {
  const key = serdes.string.open({ topic: 't', part: 'key' });
  const value = serdes.string.open({ topic: 't', part: 'value' });
  return openStore(new PackedKeyValueStore({ name: 's', key, value, mutates: false }), { logging: false }).store;
};

const change = fc.record({
  key: fc.integer({ min: 0, max: 40 }).map(String),
  // From nothing to more than a slab has room for a second time.
  value: fc.option(fc.oneof({ weight: 60, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.nat(700_000) })),
});

test('has what a Map has, whatever is put, lengthened, shortened and removed', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const store = open();
      const expected = new Map<string, string>();
      for (const [at, { key, value }] of changes.entries()) {
        const text = value === null ? null : `${at}`.padEnd(value, '.');
        store.put(key, text, at);
        if (text === null) expected.delete(key);
        else expected.set(key, text);
      }
      expect([...store.all()].map((entry) => [entry.key, entry.value])).toEqual(
        [...expected].sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      expect(store.approximateEntries).toBe(expected.size);
    }),
    { numRuns: 40 },
  );
});

test('a key keeps its slot while it has a value, and the slot names the key', () => {
  const store = open();
  for (let key = 0; key < 5000; key++) store.put(`key-${key}`, 'a', 1);
  const slot = store.slotOf('key-77');
  for (let key = 0; key < 5000; key += 2) store.put(`key-${key}`, null, 2);
  store.put('key-77', 'a value that is longer than the first one was', 3);
  expect(store.slotOf('key-77')).toBe(slot);
  expect(store.keyAt(slot)).toBe('key-77');
  expect(store.slotOf('key-76')).toBe(-1);
  expect(store.keyAt(1_000_000)).toBeUndefined();
});

test('what values leave behind that grow is used again: no more than a sixteenth and a slab stays dead', () => {
  const store = open();
  for (let length = 10; length <= 200; length += 10) {
    for (let key = 0; key < 4000; key++) store.put(`key-${key}`, 'x'.repeat(length), length);
  }
  const { entryBytes, deadBytes } = store.memory;
  expect(deadBytes).toBeLessThan(entryBytes / 8);
  expect(entryBytes).toBeLessThan(4000 * 260 + 3 * 1024 * 1024);
  expect(store.get('key-3999')).toBe('x'.repeat(200));
});

test('a range that is read to its end has every key once, in order, both ways', () => {
  const store = open();
  const keys = Array.from({ length: 5000 }, (_, key) => `key-${String(key).padStart(4, '0')}`);
  for (const key of keys.toReversed()) store.put(key, key, 1);
  expect([...store.range({ from: 'key-0100', to: 'key-4000' })].map(({ key }) => key)).toEqual(keys.slice(100, 4001));
  expect([...store.range({ reverse: true })].map(({ key }) => key)).toEqual(keys.toReversed());
});

test('a key that is too long is refused with its length', () => {
  expect(() => open().put('k'.repeat(65_536), 'v', 1)).toThrow(ArgumentError);
  expect(() => open().put('k'.repeat(65_536), 'v', 1)).toThrow('a key has 65536 bytes, allowed are 65535');
});

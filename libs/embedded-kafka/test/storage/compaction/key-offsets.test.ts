import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { KeyOffsets } from '../../../src/storage/compaction/key-offsets.ts';

const put = (map: KeyOffsets, key: Buffer, offset: number): boolean => map.put(key, 0, key.length, offset);
const get = (map: KeyOffsets, key: Buffer): number => map.get(key, 0, key.length);

test('agrees with a map for any keys, the empty and the long ones too', () => {
  const key = fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ minLength: 120, maxLength: 140 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
      const map = new KeyOffsets(256 * 1024);
      const model = new Map<string, number>();
      for (const [offset, bytes] of keys.entries()) {
        expect(put(map, Buffer.from(bytes), offset)).toBe(true);
        model.set(Buffer.from(bytes).toString('hex'), offset);
      }
      expect(map.count).toBe(model.size);
      for (const [hex, offset] of model) expect(get(map, Buffer.from(hex, 'hex'))).toBe(offset);
      expect(get(map, Buffer.from('a key that nobody has put'))).toBe(-1);
    }),
    { numRuns: 100 },
  );
});

test('says when it is full, keeps what it has, and still takes later offsets of its keys', () => {
  const map = new KeyOffsets(4096);
  let taken = 0;
  while (put(map, Buffer.from(`key ${taken}`), taken)) taken++;
  expect(taken).toBeGreaterThan(10);
  expect(map.count).toBe(taken);
  expect(put(map, Buffer.from('key 0'), 99)).toBe(true);
  expect(get(map, Buffer.from('key 0'))).toBe(99);
  expect(get(map, Buffer.from(`key ${taken - 1}`))).toBe(taken - 1);
  map.clear();
  expect(map.count).toBe(0);
  expect(get(map, Buffer.from('key 0'))).toBe(-1);
});

test('an empty map takes a key of any size, however small the map', () => {
  const map = new KeyOffsets(1);
  expect(put(map, Buffer.alloc(10_000_000, 7), 5)).toBe(true);
  expect(get(map, Buffer.alloc(10_000_000, 7))).toBe(5);
  expect(get(map, Buffer.alloc(10_000_001, 7))).toBe(-1);
});

test('a short key that is the digest of a long one is another key', () => {
  const map = new KeyOffsets(4096);
  const long = Buffer.alloc(500, 1);
  put(map, long, 1);
  expect(get(map, createHash('sha256').update(long).digest())).toBe(-1);
});

import { expect, test } from '@jest/globals';
import { murmur2, partitionForKey } from '../../src/processor/partitioner.ts';

// Computed by the Java client.
const VECTORS = [
  { key: 'a', hash: -1_563_381_124, of12: 4 },
  { key: 'hello', hash: 2_132_663_229, of12: 9 },
  { key: 'foobar', hash: -790_332_482, of12: 6 },
  { key: 'key-123', hash: 1_736_530_164, of12: 0 },
  { key: '', hash: 275_646_681, of12: 9 },
  { key: '日本', hash: -700_811_021, of12: 3 },
];

test.each(VECTORS)('"$key" goes to partition $of12 of 12, as from a Java producer', ({ key, hash, of12 }) => {
  const bytes = Buffer.from(key);
  expect(murmur2(bytes, bytes.length)).toBe(hash);
  expect(partitionForKey(bytes, 12)).toBe(of12);
});

test.each([
  ['an int', Buffer.from([0, 0, 0, 42]), 1_606_757_304],
  ['a long', Buffer.from([0, 0, 0, 0, 0, 0, 0, 42]), 506_863_552],
])('hashes the bytes of %s 42 as the Java client does', (_what, bytes, hash) => {
  expect(murmur2(bytes, bytes.length)).toBe(hash);
});

test('only the leading bytes count where a length is given: windows of one key share a partition', () => {
  expect(partitionForKey(Buffer.from('hello12345678'), 12, 5)).toBe(9);
});

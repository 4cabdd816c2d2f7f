import { describe, expect, test } from '@jest/globals';
import { murmur2, partitionOfKey } from '../../src/kafka/partitioner.ts';

const int32 = Buffer.from([0, 0, 0, 42]);
const int64 = Buffer.from([0, 0, 0, 0, 0, 0, 0, 42]);

describe('the default partitioner', () => {
  test.each([
    ['a', Buffer.from('a'), -1_563_381_124, 4],
    ['hello', Buffer.from('hello'), 2_132_663_229, 9],
    ['foobar', Buffer.from('foobar'), -790_332_482, 6],
    ['key-123', Buffer.from('key-123'), 1_736_530_164, 0],
    ['an empty key', Buffer.alloc(0), 275_646_681, 9],
    ['日本', Buffer.from('日本'), -700_811_021, 3],
  ])('hashes %s as the Java client does', (_key, bytes, hash, partition) => {
    expect(murmur2(bytes)).toBe(hash);
    expect(partitionOfKey(bytes, 12)).toBe(partition);
  });

  test.each([
    ['an int', int32, 1_606_757_304],
    ['a long', int64, 506_863_552],
  ])('hashes the bytes of %s 42 as the Java client does', (_what, bytes, hash) => {
    expect(murmur2(bytes)).toBe(hash);
  });
});

import { expect, test } from '@jest/globals';
import { murmur3 } from '../../src/internal/murmur3.ts';

// From messages that Kafka Streams 4.3.1 wrote.
test.each([
  ['f2:1', '169c547c60214a997cfc2cdc56d2bf33'],
  ['f0:8', 'c5ed68e3ac6efc761227e0dcacae0f86'],
  ['f1:9', '02977de4a7aee59aa7cd15b8cc725fa2'],
  ['f1:10', 'e7b712d5bfec5a29320dbe69ae1772ba'],
])('%s', (text, hash) => {
  expect(murmur3(Buffer.from(text)).toString('hex')).toBe(hash);
});

test('every length up to three blocks has a hash of its own', () => {
  const hashes = Array.from({ length: 49 }, (_, length) => murmur3(Buffer.alloc(length, 0xa7)).toString('hex'));
  expect(new Set(hashes).size).toBe(49);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from '../../src/index.ts';

test.each([
  ['nothing', Buffer.alloc(0), 0],
  ['the check string of every CRC catalogue', Buffer.from('123456789'), 0xe3069283],
  ['32 zero bytes (RFC 3720 B.4)', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones (RFC 3720 B.4)', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 ascending bytes (RFC 3720 B.4)', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['32 descending bytes (RFC 3720 B.4)', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
])('the checksum of %s is the published one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

test('sixteen bytes at a time give what one bit at a time gives, from any start to any end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), fc.nat(40), (bytes, skipped, dropped) => {
      const start = Math.min(skipped, bytes.length);
      const end = Math.max(start, bytes.length - dropped);
      expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)));
    }),
  );
});

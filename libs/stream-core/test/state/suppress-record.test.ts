import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SerdeError } from '@playhead/stream-core';
import { JavaHashSetOrder } from '../../src/internal/java-hash-set-order.ts';
import { readSuppressRecord, sizeOfSuppressRecord, writeSuppressRecord } from '../../src/state/suppress-record.ts';

const origin = { timestamp: 15, offset: 2, topic: 'A', partition: 0, headers: [] };
const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));

test.each([
  {
    values: ['nofk1', 'nofk1', 'k2:7'] as const,
    hex: '000000000000000f000000000000000200000001410000000000000000000000056e6f666b31fffffffe000000046b323a37000000000000000f',
    size: 8 + 2 + 8 + 8 + 1 + 4 + 5 + 4,
  },
  {
    values: ['nofk1', 'k2:7', null] as const,
    hex: '000000000000000f000000000000000200000001410000000000000000000000056e6f666b31000000046b323a37ffffffff000000000000000f',
    size: 8 + 2 + 8 + 8 + 1 + 4 + 5 + 4,
  },
  {
    values: [null, null, 'v'] as const,
    hex: '000000000000000f000000000000000200000001410000000000000000ffffffffffffffff0000000176000000000000000f',
    size: 8 + 2 + 8 + 8 + 1 + 4 + 1,
  },
])(
  'prior, old and new value $values have the bytes and the size that Kafka Streams gives them',
  ({ values, hex, size }) => {
    const [priorValue, oldValue, newValue] = values.map(bytes) as [Buffer | null, Buffer | null, Buffer | null];
    const record = { origin, priorValue, oldValue, newValue, bufferTimeMs: 15 };
    expect(writeSuppressRecord(record).toString('hex')).toBe(hex);
    expect(sizeOfSuppressRecord(2, record)).toBe(size);
    expect(readSuppressRecord(Buffer.from(hex, 'hex'))).toEqual(record);
  },
);

test('what is written is read again, headers too', () => {
  const value = fc.option(
    fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
    { nil: null },
  );
  const headers = fc.array(fc.record({ key: fc.string({ maxLength: 5 }), value }), { maxLength: 3 });
  fc.assert(
    fc.property(value, value, value, headers, fc.nat(), (priorValue, oldValue, newValue, given, bufferTimeMs) => {
      const record = { origin: { ...origin, headers: given }, priorValue, oldValue, newValue, bufferTimeMs };
      expect(readSuppressRecord(writeSuppressRecord(record))).toEqual(record);
    }),
  );
});

test.each(['', '00', '000000000000000f00000000000000020000ffff41'])('bytes %j are no buffered change', (hex) => {
  expect(() => readSuppressRecord(Buffer.from(hex, 'hex'))).toThrow(SerdeError);
});

test('keys come as from a java.util.HashSet of byte arrays, whose table never shrinks', () => {
  const order = new JavaHashSetOrder();
  // Arrays.hashCode of one byte is 31 + it; with 16 buckets those 16 apart collide and keep the order of insertion.
  expect(order.sort(['q', 'a', 'b', '1'])).toEqual(['q', 'a', '1', 'b']);
  const many = Array.from({ length: 13 }, (_, i) => String.fromCharCode(97 + i));
  order.sort([...many]);
  expect(order.sort(['q', 'a', '1', 'b'])).toEqual(['a', 'b', 'q', '1']);
});

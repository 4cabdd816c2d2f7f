import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteReader } from '../../src/wire/byte-reader.ts';
import { ByteWriter } from '../../src/wire/byte-writer.ts';

const written = (write: (writer: ByteWriter) => void): Buffer => {
  const writer = new ByteWriter(16);
  write(writer);
  return Buffer.concat(writer.chunks());
};

describe('primitives', () => {
  test('every safe integer survives as int64', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = written((writer) => writer.int64(value));
        expect(bytes.readBigInt64BE()).toBe(BigInt(value));
        expect(new ByteReader(bytes).int64()).toBe(value);
      }),
    );
  });

  test('every 32-bit number survives as an unsigned varint in the fewest bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = written((writer) => writer.unsignedVarint(value));
        expect(new ByteReader(bytes).unsignedVarint()).toBe(value);
        expect(bytes.length).toBe(Math.max(1, Math.ceil(value.toString(2).length / 7)));
      }),
    );
  });

  test('a string over 32,767 bytes is refused where the length is an int16, and not where it is a varint', () => {
    const long = 'é'.repeat(16_384);
    expect(() => written((writer) => writer.nullableString(long))).toThrow('string of 32768 bytes');
    expect(written((writer) => writer.compactNullableString(long)).length).toBe(32_768 + 3);
  });

  test('a word that is no uuid is refused', () => {
    expect(() => written((writer) => writer.uuid('beats'))).toThrow('"beats" is no uuid');
  });
});

describe('chunks', () => {
  test('keep the order of copied and referenced bytes, and patch what lies before a reference', () => {
    const writer = new ByteWriter(16);
    const sizeAt = writer.reserveInt32();
    const large = Buffer.alloc(100, 1);
    writer.bytesByReference(large);
    writer.bytes(Buffer.alloc(50, 2));
    writer.bytesByReference(Buffer.alloc(0));
    writer.bytesByReference(Buffer.from([3]));
    writer.patchInt32(sizeAt, writer.size);
    const chunks = writer.chunks();
    expect(chunks.map((chunk) => chunk.length)).toEqual([4, 100, 50, 1]);
    expect(chunks[1]).toBe(large);
    expect(chunks[0]?.readInt32BE()).toBe(155);
  });

  test('are a new message after reset, in the same memory', () => {
    const writer = new ByteWriter(16);
    writer.bytesByReference(Buffer.from('old'));
    writer.int32(1);
    writer.reset();
    writer.int16(2);
    expect(writer.size).toBe(2);
    expect(Buffer.concat(writer.chunks()).toString('hex')).toBe('0002');
  });
});

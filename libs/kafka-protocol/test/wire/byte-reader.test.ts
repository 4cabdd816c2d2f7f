import { describe, expect, test } from '@jest/globals';
import { ByteReader, MAX_ARRAY_LENGTH, MAX_TAGGED_FIELDS } from '../../src/wire/byte-reader.ts';

const reader = (hex: string): ByteReader => new ByteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const malformed = (message: string): unknown =>
  expect.objectContaining({ name: 'ProtocolError', code: 'MALFORMED', message: expect.stringContaining(message) });

describe('primitives', () => {
  test('int64 is exact at the limits of a safe integer', () => {
    expect(reader('001fffffffffffff').int64()).toBe(Number.MAX_SAFE_INTEGER);
    expect(reader('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER);
    expect(reader('ffffffffffffffff').int64()).toBe(-1);
  });

  test('an unsigned varint takes up to 32 bits and no more', () => {
    expect(reader('00').unsignedVarint()).toBe(0);
    expect(reader('ac02').unsignedVarint()).toBe(300);
    expect(reader('ffffffff0f').unsignedVarint()).toBe(0xffffffff);
    expect(() => reader('ffffffff1f').unsignedVarint()).toThrow(malformed('does not fit 32 bits'));
    expect(() => reader('ffffffffff01').unsignedVarint()).toThrow(malformed('does not fit 32 bits'));
  });

  test('null and empty are told apart in both encodings', () => {
    expect([reader('ffff').nullableString(), reader('0000').nullableString()]).toEqual([null, '']);
    expect([reader('00').compactNullableString(), reader('01').compactNullableString()]).toEqual([null, '']);
    expect([reader('ffffffff').nullableBytes(), reader('00000000').nullableBytes()?.length]).toEqual([null, 0]);
    expect([reader('00').compactNullableBytes(), reader('01').compactNullableBytes()?.length]).toEqual([null, 0]);
  });

  test('a uuid is read as its 36 characters', () => {
    expect(reader('00112233445566778899aabbccddeeff').uuid()).toBe('00112233-4455-6677-8899-aabbccddeeff');
  });
});

describe('hostile input', () => {
  test.each([
    ['an int64 past the end', (r: ByteReader) => r.int64(), '00', 'ends early'],
    ['a string longer than the message', (r: ByteReader) => r.nullableString(), '7fff 61', 'ends early'],
    ['a string of length -2', (r: ByteReader) => r.nullableString(), 'fffe', 'length -2'],
    ['bytes longer than the message', (r: ByteReader) => r.nullableBytes(), '7fffffff 00', 'ends early'],
    ['bytes of a negative length', (r: ByteReader) => r.nullableBytes(), '80000000', 'length -2147483648'],
    ['compact bytes of 4 GB', (r: ByteReader) => r.compactNullableBytes(), 'ffffffff0f', 'ends early'],
    ['an array of 2^31 - 1', (r: ByteReader) => r.arrayLength(), '7fffffff', `at most ${MAX_ARRAY_LENGTH}`],
    [
      'a compact array of 2^32 - 2',
      (r: ByteReader) => r.compactArrayLength(),
      'ffffffff0f',
      `at most ${MAX_ARRAY_LENGTH}`,
    ],
    ['an array of length -2', (r: ByteReader) => r.arrayLength(), 'fffffffe', 'array length -2'],
    [
      'an array with more elements than bytes',
      (r: ByteReader) => r.arrayLength(),
      '00000003 0000',
      '3 elements announced in 2 bytes',
    ],
    ['too many tagged fields', (r: ByteReader) => r.skipTaggedFields(), '914e', `at most ${MAX_TAGGED_FIELDS}`],
    [
      'a tagged field that ends after the message',
      (r: ByteReader) => r.skipTaggedFields(),
      '01 00 05 aa',
      'ends early',
    ],
  ])('%s is a ProtocolError', (_, read, hex, message) => {
    expect(() => read(reader(hex))).toThrow(malformed(message));
  });

  test('a reader of a part does not read past it', () => {
    const part = new ByteReader(Buffer.from('00000001ff', 'hex'), 0, 4);
    expect(part.int32()).toBe(1);
    expect(part.remaining).toBe(0);
    expect(() => part.int8()).toThrow(malformed('ends early'));
  });
});

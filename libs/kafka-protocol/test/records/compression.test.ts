import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BATCH_HEADER_BYTES, CorruptBatchError, decompress } from '../../src/index.ts';
import { javaBatch } from '../fixtures/java-bytes.ts';

const SNAPPY = 2;
const LZ4 = 3;
const MAX_BYTES = 1_000_000;

const open = (codec: number, bytes: Buffer | readonly number[], maxBytes = MAX_BYTES): string =>
  decompress(codec, Buffer.from(bytes as Uint8Array), maxBytes, 7).toString();
const text = (value: string): number[] => [...Buffer.from(value)];
const corrupt = (message: string): unknown =>
  expect.objectContaining({ name: 'CorruptBatchError', baseOffset: 7, message: expect.stringContaining(message) });

describe('snappy', () => {
  test.each<[string, readonly number[], string]>([
    ['a literal', [3, 2 << 2, ...text('abc')], 'abc'],
    ['a literal with its length behind the tag', [70, 60 << 2, 69, ...text('x'.repeat(70))], 'x'.repeat(70)],
    ['a copy with an offset of 11 bits', [8, 3 << 2, ...text('abcd'), 1, 4], 'abcdabcd'],
    ['a copy with an offset of 16 bits', [7, 3 << 2, ...text('abcd'), (2 << 2) | 2, 4, 0], 'abcdabc'],
    ['a copy with an offset of 32 bits', [7, 3 << 2, ...text('abcd'), (2 << 2) | 3, 4, 0, 0, 0], 'abcdabc'],
    ['a copy that repeats itself', [11, 0, ...text('a'), (9 << 2) | 2, 1, 0], 'a'.repeat(11)],
    ['nothing', [0], ''],
  ])('opens %s', (_what, bytes, expected) => {
    expect(open(SNAPPY, bytes)).toBe(expected);
  });

  test('opens a stream of chunks, as Java writes it', () => {
    const header = [0x82, ...text('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1];
    const chunk = (value: string): number[] => [
      0,
      0,
      0,
      value.length + 2,
      value.length,
      (value.length - 1) << 2,
      ...text(value),
    ];
    expect(open(SNAPPY, [...header, ...chunk('one '), ...chunk('two')])).toBe('one two');
    expect(open(SNAPPY, header)).toBe('');
    expect(() => open(SNAPPY, [...header, 0, 0, 0, 9, 1])).toThrow(corrupt('a chunk of 9 bytes'));
  });

  test.each<[string, readonly number[], string]>([
    ['a literal beyond the input', [3, 2 << 2, ...text('ab')], 'a literal of 3 bytes'],
    ['a literal beyond the output', [2, 2 << 2, ...text('abc')], 'a literal of 3 bytes'],
    ['a copy from before the output', [8, 0, ...text('a'), 1, 2], 'a copy of 4 bytes'],
    ['a copy from nowhere', [8, 0, ...text('a'), 1, 0], 'a copy of 4 bytes'],
    ['a copy beyond the output', [2, 0, ...text('a'), 1, 1], 'a copy of 4 bytes'],
    ['an end before the output’s', [5, 0, ...text('a')], '1 bytes instead of 5'],
    ['a length that cannot be in so few bytes', [0xff, 0xff, 0x03, 0, ...text('a')], '65535 bytes'],
    ['an endless length', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'does not fit'],
    ['no length', [], ''],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => open(SNAPPY, bytes)).toThrow(corrupt(message));
  });
});

describe('lz4', () => {
  const frame = (flags: number, ...rest: number[]): number[] => [0x04, 0x22, 0x4d, 0x18, flags, 0x40, ...rest];
  const block = (...bytes: number[]): number[] => [bytes.length, 0, 0, 0, ...bytes];
  const END = [0, 0, 0, 0];
  const HC = 0;

  test.each<[string, readonly number[], string]>([
    ['literals', frame(0x60, HC, ...block(0x30, ...text('abc')), ...END), 'abc'],
    ['many literals', frame(0x60, HC, ...block(0xf0, 5, ...text('x'.repeat(20))), ...END), 'x'.repeat(20)],
    ['a copy', frame(0x60, HC, ...block(0x40, ...text('abcd'), 4, 0, 0), ...END), 'abcdabcd'],
    [
      'a long copy that repeats itself',
      frame(0x60, HC, ...block(0x1f, ...text('a'), 1, 0, 255, 1), ...END),
      'a'.repeat(276),
    ],
    [
      'a copy from the block before',
      frame(0x40, HC, ...block(0x40, ...text('abcd')), ...block(0, 4, 0), ...END),
      'abcdabcd',
    ],
    ['a block that is not compressed', frame(0x60, HC, 3, 0, 0, 0x80, ...text('abc'), ...END), 'abc'],
    ['checksums of blocks', frame(0x70, HC, ...block(0x10, ...text('a')), 1, 2, 3, 4, ...END), 'a'],
    ['the content’s size', frame(0x68, 1, 0, 0, 0, 0, 0, 0, 0, HC, ...block(0x10, ...text('a')), ...END), 'a'],
    ['nothing', frame(0x60, HC, ...END), ''],
  ])('opens %s', (_what, bytes, expected) => {
    expect(open(LZ4, bytes)).toBe(expected);
  });

  test.each<[string, readonly number[], string]>([
    ['what is no frame', [1, 2, 3, 4, 5], 'no LZ4 frame'],
    ['a block beyond the input', frame(0x60, HC, 9, 0, 0, 0, 0x10), 'a block of 9 bytes'],
    ['literals beyond the block', frame(0x60, HC, ...block(0x30, ...text('a')), ...END), '3 literal bytes'],
    ['a copy from before the output', frame(0x60, HC, ...block(0x10, ...text('a'), 2, 0), ...END), 'a copy of 4 bytes'],
    ['a frame without an end', frame(0x60, HC, ...block(0x10, ...text('a'))), ''],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => open(LZ4, bytes)).toThrow(corrupt(message));
  });
});

test.each([
  [SNAPPY, 'snappy'],
  [LZ4, 'lz4'],
])('codec %d opens to no more than it is allowed to', (codec, name) => {
  const records = javaBatch(name).subarray(BATCH_HEADER_BYTES);
  const size = open(codec, records).length;
  expect(open(codec, records, size)).toHaveLength(size);
  expect(() => open(codec, records, size - 1)).toThrow(CorruptBatchError);
});

test.each([
  [SNAPPY, 'snappy'],
  [LZ4, 'lz4'],
])('codec %d answers any bytes with bytes or CorruptBatchError', (codec, name) => {
  const good = javaBatch(name).subarray(BATCH_HEADER_BYTES);
  const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length)).map(([at, byte, length]) => {
    const copy = Buffer.from(good);
    copy[at] = byte;
    return copy.subarray(0, length);
  });
  const random = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, random), (bytes) => {
      try {
        expect(decompress(codec, bytes, MAX_BYTES, 0).length).toBeLessThanOrEqual(MAX_BYTES);
      } catch (error) {
        if (!(error instanceof CorruptBatchError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

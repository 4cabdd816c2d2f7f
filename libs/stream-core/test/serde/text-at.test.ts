import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textAt } from '../../src/serde/text-at.ts';

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.uint8Array({ maxLength: 60, max: 127 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(text)),
);

test('the text of a buffer is what Buffer.toString makes of the same bytes, ASCII or not, valid or not', () => {
  fc.assert(
    fc.property(contents, fc.nat(40), fc.nat(40), (content, from, length) => {
      const buffer = Buffer.from(content);
      const start = Math.min(from, buffer.length);
      const end = Math.min(start + length, buffer.length);
      expect(textAt(buffer, start, end)).toBe(buffer.toString('utf8', start, end));
    }),
    { numRuns: 2_000 },
  );
});

test('a text ends where its buffer ends', () => {
  expect(textAt(Buffer.from('abc'), 1, 9)).toBe('bc');
});

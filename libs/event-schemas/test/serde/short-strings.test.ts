import { expect, test } from '@jest/globals';
// avsc is CommonJS whose names Node does not see: default import.
import avro from 'avsc';
import { avroReader, avroType } from '../../src/serde/avro-type.ts';

const text = avroType('"string"');

const read = (bytes: Buffer): unknown => avroReader(text)(bytes, 0, bytes.length);

/** The Avro binary of a string that says it has `length` bytes. */
const encoded = (length: number, content: string): Buffer =>
  Buffer.concat([Buffer.from([length * 2]), Buffer.from(content)]);

test('a schema’s strings are read by our type, alone and inside others', () => {
  const inner = { type: 'record', name: 'R', fields: [{ name: 's', type: ['null', 'string'] }] };
  for (const type of [text, avroType('{"type":"string"}')]) expect(type.constructor.name).toBe('ShortStringType');
  const record = avroType(JSON.stringify(inner)) as unknown as { fields: { type: { types: object[] } }[] };
  expect(record.fields[0]?.type.types[1]?.constructor.name).toBe('ShortStringType');
});

test.each(['', 'a', 'acc-12345', 'grüße', '日本語', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(60)])(
  'reads "%s"',
  (value) => {
    expect(read(encoded(Buffer.byteLength(value), value))).toBe(value);
  },
);

test.each([
  ['one byte is missing', encoded(4, 'abc')],
  ['its length is negative', Buffer.from([1])],
  ['something comes after it', encoded(2, 'abc')],
])('refuses a string when %s', (_what, bytes) => {
  expect(() => read(bytes)).toThrow(/truncated buffer|trailing data/);
});

test.each([
  ['ends before it', 'abc', 3, /truncated buffer/],
  ['ends before it, and the buffer too', 'ab', 3, /truncated buffer/],
  ['ends behind it', 'abcd', 3, /trailing data/],
])('refuses a string among others in a buffer whose value %s', (_what, content, length, message) => {
  const bytes = Buffer.concat([encoded(1, 'x'), encoded(length, content)]);
  const end = content === 'abc' ? bytes.length - 1 : bytes.length;
  expect(() => avroReader(text)(bytes, 2, end)).toThrow(message);
});

test('a damaged count took what lies behind the value in the buffer for its items', () => {
  const type = avroType(
    JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [{ name: 'all', type: { type: 'array', items: ['null', 'long'] } }],
    }),
  );
  const count = Buffer.alloc(4);
  count.set([0x80, 0x89, 0x7a]); // 1,000,000 items, then nulls to the end.
  const bytes = Buffer.concat([count, Buffer.alloc(1_100_000)]);
  expect(() => avroReader(type)(bytes, 0, 4)).toThrow('a collection says it has 1000000 items; 1 bytes are left');
});

test('a writer’s bytes are read as a string', () => {
  const resolver = text.createResolver(avroType('"bytes"'));
  expect(avroReader(text, resolver)(encoded(3, 'abc'), 0, 4)).toBe('abc');
});

test.each(['', 'a', 'x'.repeat(63), 'x'.repeat(64), 'grüße', '日本語', '\u{1F600}', `${'x'.repeat(62)}ü`])(
  'writes "%s" as avsc does',
  (value) => {
    const buffer = Buffer.alloc(256);
    const end = text.encode(value, buffer, 0);
    expect(buffer.subarray(0, end)).toEqual(avro.Type.forSchema('string').toBuffer(value));
  },
);

test('a string for which there is no room is answered with the bytes that are missing, and what is no string is refused', () => {
  expect(text.encode('abcdef', Buffer.alloc(5), 0)).toBe(-2);
  expect(() => text.encode(5, Buffer.alloc(5), 0)).toThrow('invalid "string": 5');
});

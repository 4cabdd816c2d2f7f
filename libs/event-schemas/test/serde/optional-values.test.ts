import { expect, test } from '@jest/globals';
import avro from 'avsc';
import type { Schema } from 'avsc';
import { avroReader, avroType } from '../../src/serde/avro-type.ts';

const record: Schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'long' }] };
const written = (schema: Schema, value: unknown): Buffer => {
  const buffer = Buffer.alloc(256);
  return buffer.subarray(0, avroType(JSON.stringify(schema)).encode(value, buffer, 0));
};

test.each<[Schema, unknown]>([
  [['null', 'string'], null],
  [['null', 'string'], 'text'],
  [['null', 'string'], ''],
  [['null', 'string'], 'ä'.repeat(70)],
  [['null', 'long'], null],
  [['null', 'long'], -5],
  [['null', 'long'], 1_763_727_600_123],
  [['null', 'long'], Number.MAX_SAFE_INTEGER - 1],
  [['null', 'long'], 1 - Number.MAX_SAFE_INTEGER],
  [['null', 'int'], null],
  [['null', 'int'], 2 ** 31 - 1],
  [['null', 'int'], -(2 ** 31)],
  [['null', 'double'], 0.5],
  [['null', 'boolean'], false],
  [['null', 'bytes'], Buffer.from('abc')],
  [['null', { type: 'enum', name: 'E', symbols: ['A', 'B'] }], 'B'],
  [
    ['null', { type: 'array', items: 'string' }],
    ['a', 'b'],
  ],
  [['null', { type: 'map', values: 'int' }], { a: 1 }],
  [['null', record], { n: 7 }],
  [['string', 'null'], null],
  [['null', 'string', 'long'], 9],
])('a value of %j is written as avsc writes it, and read again: %j', (schema, value) => {
  const bytes = written(schema, value);
  expect(bytes).toEqual(avro.Type.forSchema(schema).toBuffer(value));
  expect(avroReader(avroType(JSON.stringify(schema)))(bytes, 0, bytes.length)).toEqual(
    avro.Type.forSchema(schema).fromBuffer(bytes),
  );
});

test.each([
  ['of a third branch', [0x04, 0x00], 'invalid union index: 2'],
  ['of a branch before the first', [0x01], 'invalid union index: -1'],
  ['that ends before its branch', [], 'truncated buffer'],
  ['that ends in its value', [0x02], 'truncated buffer'],
  ['with a long that is no number', [0x02, ...Array(9).fill(0xff), 0x01], 'potential precision loss'],
])('a union %s is refused', (_, bytes, message) => {
  expect(() => avroReader(avroType('["null", "long"]'))(Buffer.from(bytes), 0, bytes.length)).toThrow(message);
});

test('a union of null and one other is written by our type', () => {
  const names = ['string', 'long', 'int', 'double'].map((kind) => avroType(`["null", "${kind}"]`).constructor.name);
  expect(names).toEqual(['OptionalText', 'OptionalLong', 'OptionalInt', 'OptionalType']);
  expect(avroType('["string", "null"]').constructor.name).toBe('UnwrappedUnionType');
});

test.each<[Schema, unknown]>([
  [['null', 'string'], 5],
  [['null', 'string'], {}],
  [['null', 'long'], 0.5],
  [['null', 'long'], Number.NaN],
  [['null', 'long'], Number.MAX_SAFE_INTEGER],
  [['null', 'long'], '5'],
  [['null', 'int'], 0.5],
  [['null', 'int'], 2 ** 31],
  [['null', 'int'], '5'],
  [['null', 'long'], undefined],
  [['null', record], [1]],
  [['null', { type: 'enum', name: 'E', symbols: ['A', 'B'] }], 'C'],
])('a value that does not fit %j is refused: %j', (schema, value) => {
  expect(() => written(schema, value)).toThrow(/^invalid /);
});

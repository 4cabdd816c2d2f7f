import { expect, test } from '@jest/globals';
import avro from 'avsc';
import type { Schema } from 'avsc';
import { avroType } from '../../src/serde/avro-type.ts';

const record: Schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'long' }] };
const written = (schema: Schema, value: unknown): Buffer => {
  const buffer = Buffer.alloc(256);
  return buffer.subarray(0, avroType(JSON.stringify(schema)).encode(value, buffer, 0));
};

test.each<[Schema, unknown]>([
  [['null', 'string'], null],
  [['null', 'string'], 'text'],
  [['null', 'long'], -5],
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
])('a value of %j is written as avsc writes it: %j', (schema, value) => {
  expect(written(schema, value)).toEqual(avro.Type.forSchema(schema).toBuffer(value));
});

test('a union of null and one other is written by our type', () => {
  expect(avroType('["null", "string"]').constructor.name).toBe('OptionalType');
  expect(avroType('["string", "null"]').constructor.name).toBe('UnwrappedUnionType');
});

test.each<[Schema, unknown]>([
  [['null', 'string'], 5],
  [['null', 'long'], 0.5],
  [['null', 'long'], undefined],
  [['null', record], [1]],
  [['null', { type: 'enum', name: 'E', symbols: ['A', 'B'] }], 'C'],
])('a value that does not fit %j is refused: %j', (schema, value) => {
  expect(() => written(schema, value)).toThrow(/^invalid /);
});

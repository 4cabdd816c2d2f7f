import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../../src/schema-registry/canonical-schema.ts';

const text = (schema: unknown): string => parseSchema(JSON.stringify(schema)).text;
const record = (attributes: object, ...fields: readonly object[]): object => ({
  type: 'record',
  name: 'R',
  ...attributes,
  fields,
});
const a = { name: 'a', type: 'int' };

describe('one identity for', () => {
  test.each<[string, unknown, unknown]>([
    ['a type and an object around it', 'int', { type: 'int' }],
    ['attributes in another order', record({}, a), { fields: [{ type: 'int', name: 'a' }], name: 'R', type: 'record' }],
    ['a qualified name', record({ name: 'x.y.R' }, a), record({ namespace: 'x.y' }, a)],
    [
      'a reference with the namespace it is in',
      record({ namespace: 'x' }, { name: 'n', type: ['null', 'x.R'] }),
      record({ namespace: 'x' }, { name: 'n', type: ['null', 'R'] }),
    ],
    ['the default order of a field', record({}, { ...a, order: 'ascending' }), record({}, a)],
    ['a type wrapped twice', record({}, { name: 'a', type: { type: { type: 'int' } } }), record({}, a)],
  ])('%s', (_name, one, other) => {
    expect(text(one)).toBe(text(other));
  });
});

describe('another identity for', () => {
  test.each<[string, unknown, unknown]>([
    ['another doc', record({ doc: 'x' }, a), record({}, a)],
    ['another default', record({}, { ...a, default: 1 }), record({}, { ...a, default: 2 })],
    ['fields in another order', record({}, a, { name: 'b', type: 'int' }), record({}, { name: 'b', type: 'int' }, a)],
    ['a logical type', { type: 'long', logicalType: 'timestamp-millis' }, 'long'],
    ['another namespace', record({ namespace: 'x' }, a), record({ namespace: 'y' }, a)],
    ['an alias', record({ aliases: ['S'] }, a), record({}, a)],
    ['the item type of an array', { type: 'array', items: 'int' }, { type: 'array', items: 'long' }],
  ])('%s', (_name, one, other) => {
    expect(text(one)).not.toBe(text(other));
  });
});

test('the canonical text is a schema with the same identity', () => {
  const nested = record(
    { namespace: 'x' },
    { name: 'e', type: { type: 'enum', name: 'y.E', symbols: ['A'], default: 'A' } },
    { name: 'm', type: { type: 'map', values: 'y.E' } },
  );
  expect(parseSchema(text(nested)).text).toBe(text(nested));
});

test.each(['', '{', '"nothing"', '{"type":"record","name":"R"}', '{"type":"enum","name":"E","symbols":["A","A"]}'])(
  'refuses %j as no Avro schema',
  (source) => {
    expect(() => parseSchema(source)).toThrow(expect.objectContaining({ status: 422, errorCode: 42201 }));
  },
);

import fc from 'fast-check';
import type { FieldSpec, PrimitiveType } from '../../src/codec/fields.ts';

const int = (bits: number): fc.Arbitrary<number> => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const anyText = fc.string({ maxLength: 20, unit: 'binary' });

const PRIMITIVES: Readonly<Record<PrimitiveType, fc.Arbitrary<unknown>>> = {
  int8: int(8),
  int16: int(16),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: int(32),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  bool: fc.boolean(),
  string: anyText,
  nullableString: fc.option(anyText),
  bytes: anyBytes,
  nullableBytes: fc.option(anyBytes),
  records: fc.option(anyBytes),
  uuid: fc.uuid(),
};

/** Messages of a table in one version, as a reader would answer them: a field the version lacks has its default. */
export function arbitraryMessage(fields: readonly FieldSpec[], version: number): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.fromEntries(fields.map((field) => [field.name, arbitraryValue(field, version)]));
  return fc.record(values, { noNullPrototype: true });
}

function arbitraryValue(field: FieldSpec, version: number): fc.Arbitrary<unknown> {
  const { from = 0, to = Infinity, nullableFrom = 0 } = field.options;
  if (version < from || version > to) return fc.constant(field.options.default);
  const mayBeNull = version >= nullableFrom;
  if (field.type === 'array') {
    const items = fc.array(arbitraryElement(field, version), { maxLength: 3 });
    return field.nullable && mayBeNull ? fc.option(items) : items;
  }
  if (field.type === 'struct') {
    const value = arbitraryElement(field, version);
    return field.options.default === null ? fc.option(value) : value;
  }
  return field.type === 'nullableString' && !mayBeNull ? anyText : PRIMITIVES[field.type];
}

function arbitraryElement({ element }: FieldSpec, version: number): fc.Arbitrary<unknown> {
  if (element === null) throw new Error('a struct or array without elements');
  return typeof element === 'string' ? PRIMITIVES[element] : arbitraryMessage(element, version);
}

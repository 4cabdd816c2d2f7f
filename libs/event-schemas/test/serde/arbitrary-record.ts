import fc from 'fast-check';

interface Named {
  readonly type: string;
  readonly name?: string;
  readonly symbols?: readonly string[];
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
  readonly items?: unknown;
}

const PRIMITIVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer(),
  // avsc writes no other longs rightly.
  long: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
  double: fc.double({ noNaN: true }),
  string: fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => text.isWellFormed()),
};

/** Any value of an Avro type. */
export function arbitraryRecord(
  schema: unknown,
  named = new Map<string, fc.Arbitrary<unknown>>(),
): fc.Arbitrary<unknown> {
  if (typeof schema === 'string') {
    return PRIMITIVES[schema] ?? named.get(schema) ?? fc.constant(undefined);
  }
  if (Array.isArray(schema)) {
    return fc.oneof(...schema.map((branch: unknown) => arbitraryRecord(branch, named)));
  }
  const node = schema as Named;
  const value = node.symbols
    ? fc.constantFrom(...node.symbols)
    : node.items
      ? fc.array(arbitraryRecord(node.items, named), { maxLength: 3 })
      : fc.record(
          Object.fromEntries((node.fields ?? []).map((field) => [field.name, arbitraryRecord(field.type, named)])),
          { noNullPrototype: true },
        );
  if (node.name !== undefined) {
    named.set(node.name, value);
  }
  return value;
}

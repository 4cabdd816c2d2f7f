// avsc is CommonJS whose names Node does not see: default import.
import avro from 'avsc';
import { boundedCollections } from './bounded-collections.ts';
import { optionalValues } from './optional-values.ts';
import { shortStrings } from './short-strings.ts';

/** The part of avsc's `Type` that is used here. */
export interface AvroType {
  encode(value: unknown, buffer: Buffer, position: number): number;
  /** An offset of −1: the buffer ended within the value. */
  decode(
    buffer: Buffer,
    position: number,
    resolver?: AvroResolver,
  ): { readonly value: unknown; readonly offset: number };
  createResolver(writer: AvroType): AvroResolver;
  equals(other: AvroType): boolean;
}

/** Reads a writer's binary into a reader's type; opaque. */
export type AvroResolver = object;

/** Those with an array or a map somewhere. */
const withCollections = new WeakSet<AvroType>();

/** Compiles a schema. Throws what avsc throws when the text is no JSON or no Avro schema. */
export function avroType(schema: string): AvroType {
  let hasCollections = false;
  const type: AvroType = avro.Type.forSchema(JSON.parse(schema), {
    omitRecordMethods: true,
    typeHook: (part, options) => {
      const simple = shortStrings(part) ?? optionalValues(part, options);
      if (simple !== undefined) return simple;
      const collection = boundedCollections(part, options);
      if (collection !== undefined) hasCollections = true;
      return collection;
    },
  });
  if (hasCollections) withCollections.add(type);
  return type;
}

/** Reads the value between two positions of a buffer. Throws what avsc throws, and `RangeError` for a value that ends before or after its bytes do. */
export type AvroReader = (buffer: Buffer, start: number, end: number) => unknown;

/**
 * Reads values in place: a view of each costs as much as two strings, and what is read beyond a damaged value's end is found afterwards. Where
 * counts of items are among what may be damaged, they are bound by a view.
 */
export function avroReader(type: AvroType, resolver?: AvroResolver): AvroReader {
  const inPlace: AvroReader = (buffer, start, end) => {
    const { value, offset } = type.decode(buffer, start, resolver);
    if (offset === end) return value;
    throw new RangeError(offset < 0 || offset > end ? 'truncated buffer' : 'trailing data');
  };
  if (resolver === undefined && !withCollections.has(type)) return inPlace;
  return (buffer, start, end) => inPlace(buffer.subarray(start, end), 0, end - start);
}

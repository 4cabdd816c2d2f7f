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

/** Compiles a schema. Throws what avsc throws when the text is no JSON or no Avro schema. */
export function avroType(schema: string): AvroType {
  return avro.Type.forSchema(JSON.parse(schema), {
    omitRecordMethods: true,
    typeHook: (part, options) =>
      shortStrings(part) ?? optionalValues(part, options) ?? boundedCollections(part, options),
  });
}

/**
 * The value between two positions. Read in place, as a view of its own would cost as much as two strings: what reads beyond the value's
 * end, where it is damaged, is found afterwards. Throws what avsc throws, and for a value that ends before or after its bytes do.
 */
export function readAvro(type: AvroType, buffer: Buffer, start: number, end: number, resolver?: AvroResolver): unknown {
  const { value, offset } = type.decode(buffer, start, resolver);
  if (offset === end) return value;
  throw new RangeError(offset < 0 || offset > end ? 'truncated buffer' : 'trailing data');
}

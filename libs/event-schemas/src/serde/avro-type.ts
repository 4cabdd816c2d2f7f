// avsc is CommonJS whose names Node does not see: default import.
import avro from 'avsc';
import { boundedCollections } from './bounded-collections.ts';
import { optionalValues } from './optional-values.ts';
import { shortStrings } from './short-strings.ts';

/** The part of avsc's `Type` that is used here. */
export interface AvroType {
  encode(value: unknown, buffer: Buffer, position: number): number;
  fromBuffer(buffer: Buffer, resolver?: AvroResolver): unknown;
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

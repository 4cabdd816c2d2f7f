import { SerdeError } from '@playhead/stream-core';
import type { Codec, Serde } from '@playhead/stream-core';
import { AvroCodec } from './avro-codec.ts';

/** How `avroSerde` names what it writes. */
export interface AvroSerdeOptions {
  /** The registry's subject. Default `<topic>-<part>`, for a store's changelog too. */
  readonly subject?: string;
}

/**
 * Values of one Avro type in the Confluent wire format: a zero byte, the schema's id as 4 bytes, the Avro binary.
 * Longs are JS numbers, exact within ±2^52: avsc writes larger ones wrongly. Reads what any version of the type wrote, resolved into `schema`; a writer's schema is looked
 * up once per id.
 */
export function avroSerde<T>(schema: string, { subject }: AvroSerdeOptions = {}): Serde<T> {
  return Object.freeze({
    format: avroFormat(schema),
    open({ topic, part, schemas }): Codec<T> {
      if (schemas === undefined) {
        throw new SerdeError(`the ${part} of ${topic} is Avro and needs a schema source; none was given`, {
          context: { topic },
        });
      }
      return new AvroCodec<T>({ schema, subject: subject ?? `${topic}-${part}`, topic, schemas });
    },
  } satisfies Serde<T>);
}

/** By the type's name: versions of it read each other's bytes as far as the registry lets them in. */
function avroFormat(schema: string): string | undefined {
  // What is no JSON, or no schema, is refused by `open`.
  if (!schema.trimStart().startsWith('{')) return undefined;
  let described: { readonly name?: string; readonly namespace?: string };
  try {
    described = JSON.parse(schema) as typeof described;
  } catch {
    return undefined;
  }
  const { name, namespace } = described;
  if (name === undefined) return 'avro';
  return namespace === undefined || name.includes('.') ? `avro (${name})` : `avro (${namespace}.${name})`;
}

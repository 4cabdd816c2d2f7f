import { ProtocolError } from '../errors.ts';
import type { ByteReader } from '../wire/byte-reader.ts';
import type { ByteWriter } from '../wire/byte-writer.ts';
import type { AnyField, FieldSpec, InputOf, OutputOf } from './fields.ts';
import { compilePlan, type Plan } from './plan.ts';
import { readStruct } from './read-message.ts';
import { writeStruct } from './write-message.ts';

/** One direction of an API: encodes what is written and decodes what was read, in any version of the table. */
export interface MessageCodec<In, Out> {
  /** The table, for what walks over messages in general. */
  readonly fields: readonly FieldSpec[];
  /** Throws {@link ProtocolError} for a version outside the table or a null where the version allows none. */
  encode(writer: ByteWriter, version: number, message: In): void;
  /** Throws {@link ProtocolError} for a version outside the table and for malformed bytes. Byte fields are views of the reader's buffer. */
  decode(reader: ByteReader, version: number): Out;
}

/** A Kafka API: its key, the versions its table describes, and both its messages. */
export interface Api<RequestIn, RequestOut, ResponseIn, ResponseOut> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** First version with compact encodings and tagged fields; Infinity when there is none. */
  readonly flexibleFrom: number;
  readonly request: MessageCodec<RequestIn, RequestOut>;
  readonly response: MessageCodec<ResponseIn, ResponseOut>;
}

/** Any API, for lists. */
export type AnyApi = Api<never, unknown, never, unknown>;

/** A request of an API as it is read. */
export type RequestOf<A> = A extends Api<never, infer Out, never, unknown> ? Out : never;
/** A request of an API as it is written: fields with a default may be left out. */
export type RequestInputOf<A> = A extends Api<infer In, unknown, never, unknown> ? In : never;
/** A response of an API as it is read. */
export type ResponseOf<A> = A extends Api<never, unknown, never, infer Out> ? Out : never;
/** A response of an API as it is written: fields with a default may be left out. */
export type ResponseInputOf<A> = A extends Api<never, unknown, infer In, unknown> ? In : never;

/** What {@link defineApi} takes. */
export interface ApiDefinition<Q extends readonly AnyField[], S extends readonly AnyField[]> {
  readonly key: number;
  readonly name: string;
  readonly versions: readonly [min: number, max: number];
  readonly flexibleFrom?: number;
  readonly request: Q;
  readonly response: S;
}

/** Makes an API from its table. Each version is compiled at its first use and kept. */
export function defineApi<const Q extends readonly AnyField[], const S extends readonly AnyField[]>(
  definition: ApiDefinition<Q, S>,
): Api<InputOf<Q>, OutputOf<Q>, InputOf<S>, OutputOf<S>> {
  const [minVersion, maxVersion] = definition.versions;
  const flexibleFrom = definition.flexibleFrom ?? Infinity;
  const { key, name, request, response } = definition;
  const codec = <F extends readonly AnyField[]>(fields: F, what: string): MessageCodec<InputOf<F>, OutputOf<F>> => {
    const plans: (Plan | undefined)[] = [];
    const planFor = (version: number): Plan => {
      if (!(version >= minVersion && version <= maxVersion)) {
        throw new ProtocolError(
          `${name} ${what} version ${version}, supported are ${minVersion} to ${maxVersion}`,
          'UNSUPPORTED_VERSION',
        );
      }
      return (plans[version] ??= compilePlan(fields, version, version >= flexibleFrom));
    };
    return {
      fields,
      encode: (writer, version, message) => writeStruct(writer, planFor(version), message),
      decode: (reader, version) => readStruct(reader, planFor(version)) as OutputOf<F>,
    };
  };
  return {
    key,
    name,
    minVersion,
    maxVersion,
    flexibleFrom,
    request: codec(request, 'request'),
    response: codec(response, 'response'),
  };
}

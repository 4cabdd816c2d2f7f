import { SerdeError } from '../errors.ts';
import type { Codec, Serde } from './serde.ts';

/** UTF-8 JSON. What is read is not checked against `T`: for input from elsewhere use a serde with a schema. */
export function jsonSerde<T>(): Serde<T> {
  return JSON_SERDE as Serde<T>;
}

const jsonCodec: Codec<unknown> = {
  serialize(value) {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new SerdeError(`${typeof value} has no JSON form`);
    return Buffer.from(text, 'utf8');
  },
  deserialize: (bytes) => parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')),
  deserializeAt: (buffer, start, end) => parse(buffer.toString('utf8', start, end)),
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SerdeError('these bytes are no JSON', { cause });
  }
}

const JSON_SERDE: Serde<unknown> = Object.freeze({ format: 'json', open: () => jsonCodec });

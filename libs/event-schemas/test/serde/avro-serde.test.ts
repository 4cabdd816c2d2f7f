import { describe, expect, test } from '@jest/globals';
import { PendingCodecError, SerdeError } from '@playhead/stream-core';
import type { Codec, SchemaSource } from '@playhead/stream-core';
import fc from 'fast-check';
import { avroSerde, newPlaybackHeartbeat, PLAYBACK_HEARTBEAT_SCHEMA } from '../../src/index.ts';
import type { PlaybackHeartbeat } from '../../src/index.ts';
import { MAX_WRITER_SCHEMAS } from '../../src/serde/avro-codec.ts';
import { InMemorySchemas } from '../../src/testing.ts';
import { schemas as catalogue } from '../schemas.ts';
import { arbitraryRecord } from './arbitrary-record.ts';

const TOPIC = 'playback.heartbeats';

async function open<T>(schema: string, schemas: SchemaSource): Promise<Codec<T>> {
  const codec = avroSerde<T>(schema).open({ topic: TOPIC, part: 'value', schemas });
  await codec.ready;
  return codec;
}

/** Reads as a task does: once more after what is missing has been loaded. */
async function read<T>(codec: Codec<T>, bytes: Uint8Array): Promise<T> {
  try {
    return codec.deserialize(bytes);
  } catch (error) {
    if (!(error instanceof PendingCodecError)) {
      throw error;
    }
    await error.ready;
    return codec.deserialize(bytes);
  }
}

const record = (name: string, ...fields: readonly object[]): string => JSON.stringify({ type: 'record', name, fields });
const beat = newPlaybackHeartbeat({
  eventId: 'e',
  type: 'BEAT',
  tenant: 'demo',
  account: 'acc-1',
  session: 's',
  receivedTime: 1_763_727_600_123,
  eventTime: 1_763_727_599_999,
});

describe('the wire format', () => {
  test('is a zero byte, the id as four bytes and the Avro binary', async () => {
    const schemas = new InMemorySchemas();
    await schemas.idOf('something-else', '"string"');
    const codec = await open<{ a: number }>(record('R', { name: 'a', type: 'int' }), schemas);
    expect(Buffer.from(codec.serialize({ a: -2 })).toString('hex')).toBe('000000000203');
  });

  test.each(catalogue)('$file: any value comes back', async ({ text }) => {
    const codec = await open<unknown>(text, new InMemorySchemas());
    fc.assert(
      fc.property(arbitraryRecord(JSON.parse(text)), (value) => {
        expect(codec.deserialize(codec.serialize(value))).toEqual(value);
      }),
      { numRuns: 30 },
    );
  });

  test('a result stays as it is when more is written, also across the end of the buffer', async () => {
    const codec = await open<{ a: string }>(record('R', { name: 'a', type: 'string' }), new InMemorySchemas());
    const values = [1, 30_000, 40_000, 200_000, 5].map((length, index) => ({ a: String(index).repeat(length) }));
    const written = values.map((value) => codec.serialize(value));
    expect(written.map((bytes) => codec.deserialize(bytes))).toEqual(values);
  });

  test('a result in reused memory lasts until the next write, and takes nothing from those that stay', async () => {
    const codec = await open<{ a: string }>(record('R', { name: 'a', type: 'string' }), new InMemorySchemas());
    const kept = codec.serialize({ a: 'kept' });
    const first = codec.serializeReusing?.({ a: 'first' }) ?? kept;
    expect(codec.deserialize(first)).toEqual({ a: 'first' });
    const later = codec.serializeReusing?.({ a: 'later' }) ?? kept;
    expect(first.byteOffset).toBe(later.byteOffset);
    expect(codec.deserialize(later)).toEqual({ a: 'later' });
    const big = codec.serializeReusing?.({ a: 'x'.repeat(100_000) }) ?? kept;
    expect(codec.deserialize(big).a).toHaveLength(100_000);
    expect(codec.deserialize(kept)).toEqual({ a: 'kept' });
  });

  test('in reused memory it is what it is otherwise, for every length around the end of that memory', async () => {
    const codec = await open<{ a: string }>(record('R', { name: 'a', type: 'string' }), new InMemorySchemas());
    const atEnd = Array.from({ length: 20 }, (_, at) => 2030 + at);
    for (const length of [0, 3, 1000, ...atEnd, 3, 5000, 2040, 65_520, 3, 65_530, 100_000, 3]) {
      const value = { a: 'x'.repeat(length) };
      expect(Buffer.from(codec.serializeReusing!(value)).equals(codec.serialize(value))).toBe(true);
    }
  });

  test('a failed write leaves the next one whole', async () => {
    const codec = await open<PlaybackHeartbeat>(PLAYBACK_HEARTBEAT_SCHEMA, new InMemorySchemas());
    expect(() => codec.serialize({ ...beat, positionMs: 'x' as unknown as number })).toThrow(SerdeError);
    expect(codec.deserialize(codec.serialize(beat))).toEqual(beat);
  });
});

describe('another version of the schema', () => {
  const name = { name: 'name', type: 'string' };
  const colour = (symbols: readonly string[]): object => ({
    name: 'colour',
    type: { type: 'enum', name: 'Colour', symbols: ['UNKNOWN', ...symbols], default: 'UNKNOWN' },
    default: 'UNKNOWN',
  });

  test('an older writer: new fields have their defaults', async () => {
    const schemas = new InMemorySchemas();
    const old = await open<object>(record('R', name), schemas);
    const codec = await open<object>(record('R', name, colour(['RED'])), schemas);
    expect(await read(codec, old.serialize({ name: 'a' }))).toEqual({ name: 'a', colour: 'UNKNOWN' });
  });

  test('a newer writer: unknown fields are skipped and unknown enum values become UNKNOWN', async () => {
    const schemas = new InMemorySchemas();
    const newer = await open<object>(
      record('R', { name: 'extra', type: { type: 'array', items: 'long' } }, name, colour(['RED', 'BLUE'])),
      schemas,
    );
    const codec = await open<object>(record('R', name, colour(['RED'])), schemas);
    const bytes = newer.serialize({ extra: [1, 2], name: 'a', colour: 'BLUE' });
    expect(await read(codec, bytes)).toEqual({ name: 'a', colour: 'UNKNOWN' });
  });

  test('is looked up once, however many records wait for it, and never again', async () => {
    const schemas = new InMemorySchemas();
    const old = await open<object>(record('R', name), schemas);
    const codec = await open<object>(record('R', name, colour([])), schemas);
    const bytes = old.serialize({ name: 'a' });
    schemas.requests.length = 0;
    expect(() => codec.deserialize(bytes)).toThrow(PendingCodecError);
    await Promise.all([read(codec, bytes), read(codec, bytes)]);
    await read(codec, bytes);
    expect(schemas.requests).toEqual(['schemaOf 1']);
  });

  test('that does not resolve is a SerdeError each time, without another look-up', async () => {
    const schemas = new InMemorySchemas();
    const old = await open<object>(record('R', { name: 'name', type: 'int' }), schemas);
    const codec = await open<object>(record('R', name), schemas);
    const bytes = old.serialize({ name: 1 });
    await expect(read(codec, bytes)).rejects.toThrow(/schema 1, which does not resolve/);
    schemas.requests.length = 0;
    expect(() => codec.deserialize(bytes)).toThrow(SerdeError);
    expect(schemas.requests).toEqual([]);
  });

  test(`keeps at most ${MAX_WRITER_SCHEMAS} of them`, async () => {
    const schemas = new InMemorySchemas();
    const codec = await open<object>(record('R', name), schemas);
    const write = async (n: number): Promise<Uint8Array> => {
      const writer = await open<object>(record('R', name, { name: `f${n}`, type: 'int', default: n }), schemas);
      return writer.serialize({ name: 'a' });
    };
    const first = await write(0);
    await read(codec, first);
    for (let n = 1; n <= MAX_WRITER_SCHEMAS; n++) {
      await read(codec, await write(n));
    }
    schemas.requests.length = 0;
    expect(await read(codec, first)).toEqual({ name: 'a' });
    expect(schemas.requests).toEqual(['schemaOf 2']);
  });
});

describe('what cannot be read is a SerdeError that says what', () => {
  const good = Buffer.from('00000000010261', 'hex');
  test.each([
    ['nothing', Buffer.alloc(0), /has 0 bytes; a Confluent header alone has 5/],
    ['half a header', good.subarray(0, 4), /has 4 bytes/],
    ['JSON', Buffer.from('{"a":"b"}'), /starts with byte 0x7b, allowed is 0x00/],
    ['a cut value', good.subarray(0, 6), /cannot be read with schema 1/],
    ['bytes behind the value', Buffer.concat([good, good]), /cannot be read with schema 1/],
  ])('%s', async (_name, bytes, message) => {
    const codec = await open<object>(record('R', { name: 'a', type: 'string' }), new InMemorySchemas());
    expect(codec.deserialize(good)).toEqual({ a: 'a' });
    expect(() => codec.deserialize(bytes)).toThrow(SerdeError);
    expect(() => codec.deserialize(bytes)).toThrow(message);
  });

  test('an unknown id, once the registry has said so', async () => {
    const codec = await open<object>('"string"', new InMemorySchemas());
    await expect(read(codec, Buffer.from('000000006300', 'hex'))).rejects.toThrow(/schema 99 is not known/);
  });

  test.each(catalogue)('$file: random bytes behind a good header, whatever they are', async ({ text }) => {
    const codec = await open<unknown>(text, new InMemorySchemas());
    const header = Buffer.from('0000000001', 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          codec.deserialize(Buffer.concat([header, bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(SerdeError);
        }
      }),
    );
  });

  test.each(catalogue)('$file: a good value with some of its bytes changed', async ({ text }) => {
    const codec = await open<unknown>(text, new InMemorySchemas());
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryRecord(JSON.parse(text)), flips, (value, changes) => {
        const bytes = Buffer.from(codec.serialize(value));
        for (const [at, byte] of changes) {
          bytes[5 + (at % (bytes.length - 5))] = byte;
        }
        try {
          codec.deserialize(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SerdeError);
        }
      }),
      { numRuns: 30 },
    );
  });

  const hugeCount = '808080808040';
  const longs = (name: string): object => ({ name, type: { type: 'array', items: 'long' } });
  const numbers = (name: string): object => ({ name, type: { type: 'map', values: 'long' } });
  test.each([
    ['an array', longs('a'), true],
    ['a map', numbers('a'), true],
    ['an array that the reader skips', longs('gone'), false],
    ['a map that the reader skips', numbers('gone'), false],
  ])('%s that says it has more items than bytes follow', async (_name, field, kept) => {
    const schemas = new InMemorySchemas();
    await open<object>(record('R', field), schemas);
    const codec = await open<object>(kept ? record('R', field) : record('R'), schemas);
    await expect(read(codec, Buffer.from(`0000000001${hugeCount}`, 'hex'))).rejects.toThrow(/collection says it has/);
  });

  test('a value of the wrong type, with the path to it', async () => {
    const codec = await open<PlaybackHeartbeat>(PLAYBACK_HEARTBEAT_SCHEMA, new InMemorySchemas());
    const wrong = { ...beat, receivedTime: 'now' } as unknown as PlaybackHeartbeat;
    expect(() => codec.serialize(wrong)).toThrow(/playback\.heartbeats-value cannot be written: .*now/);
  });
});

describe('a registry that does not take the schema', () => {
  const refusing: SchemaSource = {
    idOf: async () => {
      throw new SerdeError('may not register');
    },
    schemaOf: async () => '"string"',
  };

  test('leaves a reader able to read, and stops a writer', async () => {
    const codec = await open<string>('"string"', refusing);
    expect(await read(codec, Buffer.from('00000000010261', 'hex'))).toBe('a');
    expect(() => codec.serialize('a')).toThrow('may not register');
  });

  test('that cannot be asked fails the start', async () => {
    const silent: SchemaSource = { ...refusing, idOf: async () => Promise.reject(new Error('connection refused')) };
    await expect(open('"string"', silent)).rejects.toThrow('connection refused');
  });

  test('is not asked for a schema that is no JSON, which threw before its topic was known', () => {
    const broken = avroSerde('{bad');
    expect(broken.format).toBeUndefined();
    expect(() => broken.open({ topic: TOPIC, part: 'value', schemas: refusing })).toThrow(SyntaxError);
  });

  test('is missed when none was given', () => {
    expect(() => avroSerde('"string"').open({ topic: TOPIC, part: 'value' })).toThrow('needs a schema source');
  });
});

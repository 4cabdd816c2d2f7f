import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SerdeError, Windowed, serdes } from '@playhead/stream-core';
import type { Codec, Serde } from '@playhead/stream-core';
import { encode } from '../../src/serde/serde.ts';

const open = <T>(serde: Serde<T>): Codec<T> => serde.open({ topic: 't', part: 'value' });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the bytes of Kafka’s own serdes', () => {
  test.each<[name: string, serde: Serde<never>, value: unknown, bytes: string]>([
    ['string', serdes.string as Serde<never>, 'hé日', '68c3a9e697a5'],
    ['long', serdes.long as Serde<never>, 42, '000000000000002a'],
    ['negative long', serdes.long as Serde<never>, -2, 'fffffffffffffffe'],
    ['greatest long', serdes.long as Serde<never>, Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
    ['int', serdes.int as Serde<never>, -1, 'ffffffff'],
    ['double', serdes.double as Serde<never>, 1.5, '3ff8000000000000'],
    ['json', serdes.json<never>(), { a: [1, null] }, '7b2261223a5b312c6e756c6c5d7d'],
    [
      'time window',
      serdes.timeWindowed(serdes.string, 10) as Serde<never>,
      new Windowed('k', 20, 30),
      '6b0000000000000014',
    ],
    [
      'session',
      serdes.sessionWindowed(serdes.string) as Serde<never>,
      new Windowed('k', 1, 2),
      '6b00000000000000020000000000000001',
    ],
  ])('%s', (_name, serde, value, bytes) => {
    const codec = open(serde) as Codec<unknown>;
    expect(hex(codec.serialize(value))).toBe(bytes);
    expect(hex(encode(codec, value))).toBe(bytes);
    expect(codec.deserialize(Buffer.from(bytes, 'hex'))).toEqual(value);
  });
});

describe('what is written is read again', () => {
  test.each<[string, Serde<never>, fc.Arbitrary<unknown>]>([
    ['string', serdes.string as Serde<never>, fc.string({ unit: 'grapheme', maxLength: 100 })],
    ['bytes', serdes.bytes as Serde<never>, fc.uint8Array()],
    ['long', serdes.long as Serde<never>, fc.maxSafeInteger()],
    ['int', serdes.int as Serde<never>, fc.integer()],
    ['double', serdes.double as Serde<never>, fc.double()],
  ])('%s', (_name, serde, values) => {
    const codec = open(serde) as Codec<unknown>;
    fc.assert(
      fc.property(values, (value) => {
        const bytes = Buffer.from(encode(codec, value));
        expect(codec.deserialize(bytes)).toEqual(value);
        const padded = Buffer.concat([Buffer.from([9]), bytes, Buffer.from([9])]);
        if (codec.deserializeAt !== undefined) expect(codec.deserializeAt(padded, 1, padded.length - 1)).toEqual(value);
      }),
    );
  });
});

describe('what cannot be', () => {
  test.each<[string, () => unknown]>([
    ['a long of 4 bytes', () => open(serdes.long).deserialize(Buffer.alloc(4))],
    ['a long beyond 2^53 when read', () => open(serdes.long).deserialize(Buffer.from('7fffffffffffffff', 'hex'))],
    ['half a long', () => open(serdes.long).serialize(0.5)],
    ['an int of 33 bits', () => open(serdes.int).serialize(2 ** 32)],
    ['a double of 3 bytes', () => open(serdes.double).deserialize(Buffer.alloc(3))],
    ['a number as string', () => open(serdes.string).serialize(1 as never)],
    ['JSON that is none', () => open(serdes.json()).deserialize(Buffer.from('{'))],
    ['undefined as JSON', () => open(serdes.json()).serialize(undefined)],
    ['anything where nothing is expected', () => open(serdes.none).deserialize(Buffer.alloc(1))],
    [
      'a windowed key shorter than its time',
      () => open(serdes.timeWindowed(serdes.string, 1)).deserialize(Buffer.alloc(7)),
    ],
  ])('%s is a SerdeError', (_name, act) => {
    expect(act).toThrow(SerdeError);
  });
});

test('what bytes deserialises is a copy, because the view it gets is overwritten', () => {
  const buffer = Buffer.from([1, 2, 3]);
  const read = open(serdes.bytes).deserialize(buffer);
  buffer[0] = 9;
  expect([...read]).toEqual([1, 2, 3]);
});

test('each opened string codec reuses its own memory, not another’s', () => {
  const key = open(serdes.string);
  const value = open(serdes.string);
  const keyBytes = encode(key, 'key');
  encode(value, 'value');
  expect(Buffer.from(keyBytes).toString()).toBe('key');
});

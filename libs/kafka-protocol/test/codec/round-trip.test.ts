import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apis, ByteReader, ByteWriter, KafkaProtocolError, type AnyApi, type MessageCodec } from '../../src/index.ts';
import { arbitraryMessage } from './arbitrary-message.ts';

type Codec = MessageCodec<unknown, unknown>;

/** Runs a check for both messages of an API in every version of its table; fast-check prints the seed of a failure. */
function forEveryMessage(api: AnyApi, check: (codec: Codec, version: number, what: string) => void): void {
  for (let version = api.minVersion; version <= api.maxVersion; version++) {
    check(api.request, version, `${api.name} request v${version}`);
    check(api.response, version, `${api.name} response v${version}`);
  }
}

function encode(codec: Codec, version: number, message: unknown): Buffer {
  const writer = new ByteWriter(16);
  codec.encode(writer, version, message);
  return Buffer.concat(writer.chunks());
}

/** The error of reading, undefined when there is none. */
function errorOf(codec: Codec, version: number, bytes: Buffer): unknown {
  try {
    codec.decode(new ByteReader(bytes), version);
    return undefined;
  } catch (error) {
    return error;
  }
}

const isMalformed = (error: unknown): boolean => error instanceof KafkaProtocolError && error.code === 'MALFORMED';

describe.each([...apis])('$name', (api) => {
  test('reads back what it wrote, to the last byte', () => {
    forEveryMessage(api, (codec, version, what) => {
      const roundTrip = fc.property(arbitraryMessage(codec.fields, version), (message) => {
        const reader = new ByteReader(encode(codec, version, message));
        const back = codec.decode(reader, version);
        if (!isDeepStrictEqual(back, message)) throw new Error(`${what} read back as ${JSON.stringify(back)}`);
        return reader.remaining === 0;
      });
      expect(() => fc.assert(roundTrip, { numRuns: 20 })).not.toThrow();
    });
  });

  test('refuses a message that was cut off anywhere', () => {
    forEveryMessage(api, (codec, version) => {
      const truncation = fc.property(arbitraryMessage(codec.fields, version), fc.nat(), (message, random) => {
        const whole = encode(codec, version, message);
        return whole.length === 0 || isMalformed(errorOf(codec, version, whole.subarray(0, random % whole.length)));
      });
      expect(() => fc.assert(truncation, { numRuns: 10 })).not.toThrow();
    });
  });

  test('reads or refuses any bytes and throws nothing else', () => {
    forEveryMessage(api, (codec, version) => {
      const anything = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const error = errorOf(codec, version, Buffer.from(bytes));
        return error === undefined || isMalformed(error);
      });
      expect(() => fc.assert(anything, { numRuns: 20 })).not.toThrow();
    });
  });

  test('refuses the versions outside its table by name', () => {
    const refusal = expect.objectContaining({
      code: 'UNSUPPORTED_VERSION',
      message: expect.stringContaining(api.name),
    });
    const { request, response } = api as unknown as { request: Codec; response: Codec };
    expect(() => request.decode(new ByteReader(Buffer.alloc(100)), api.maxVersion + 1)).toThrow(refusal);
    expect(() => response.encode(new ByteWriter(), -1, {})).toThrow(refusal);
  });
});

test('every API has a key of its own and a table for each version it names', () => {
  expect(new Set(apis.map((api) => api.key)).size).toBe(apis.length);
  for (const api of apis) expect(api.maxVersion).toBeGreaterThanOrEqual(api.minVersion);
});

import { SerdeError } from '@playhead/stream-core';
import type { Serde, SerdeContext } from '@playhead/stream-core';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Keys of every topic of ours: UTF-8 text without a schema. Bytes that are no UTF-8 are a `SerdeError`. */
export const keySerde: Serde<string> = Object.freeze({
  open: ({ topic, part }: SerdeContext) => ({
    serialize: (value: string) => Buffer.from(value, 'utf8'),
    deserialize: (bytes: Uint8Array) => {
      try {
        return decoder.decode(bytes);
      } catch (cause) {
        throw new SerdeError(`the ${part} of ${topic} is not UTF-8 (${bytes.length} bytes)`, {
          context: { topic },
          cause,
        });
      }
    },
  }),
});

/** Bytes as they are, copied. */
export const bytesSerde: Serde<Uint8Array> = Object.freeze({
  open: () => ({
    serialize: (value: Uint8Array) => Uint8Array.from(value),
    deserialize: (bytes: Uint8Array) => Uint8Array.from(bytes),
  }),
});

import type { Headers } from '../processor/headers.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import type { Codec } from '../serde/serde.ts';

/** What may be said of a record besides key, value and time. */
export interface PipeOptions {
  readonly headers?: Headers | undefined;
  /** Default: by the hash of the key, as a producer would. */
  readonly partition?: number | undefined;
}

/** Takes a record in bytes. */
export type Pipe = (
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number | undefined,
  options: PipeOptions,
) => void;

/** Writes typed records to a topic of the driver. */
export class TestInputTopic<K, V> {
  readonly name: string;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;
  readonly #pipe: Pipe;

  constructor(name: string, codecs: { key: Codec<K>; value: Codec<V> }, pipe: Pipe) {
    this.name = name;
    this.#key = codecs.key;
    this.#value = codecs.value;
    this.#pipe = pipe;
  }

  /** Writes one record and runs the topology until nothing is left to do. Without `timestamp` it gets the driver's wall-clock time. Throws what the topology throws. */
  pipeInput(value: V | null, key: K | null = null, timestamp?: number, options: PipeOptions = {}): void {
    const keyBytes = key === null ? null : this.#key.serialize(key);
    this.pipeRaw(keyBytes, value === null ? null : this.#value.serialize(value), timestamp, options);
  }

  /** As `pipeInput` for bytes that no serde has seen: poison, for example. */
  pipeRaw(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp?: number,
    { headers = NO_HEADERS, partition }: PipeOptions = {},
  ): void {
    this.#pipe(key, value, timestamp, { headers, partition });
  }
}

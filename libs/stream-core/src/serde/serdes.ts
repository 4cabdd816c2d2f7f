import type { Serde } from './serde.ts';
export declare const serdes: {
  readonly string: Serde<string>;
  readonly bytes: Serde<Uint8Array>;
  /** 8 bytes big-endian, whole numbers up to ±2^53. */
  readonly long: Serde<number>;
  /** 4 bytes big-endian. */
  readonly int: Serde<number>;
  readonly double: Serde<number>;
  /** UTF-8 JSON. */
  json<T>(): Serde<T>;
};

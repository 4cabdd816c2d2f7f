import type { Serde } from '../serde/serde.ts';

/** A typed topic: its name and serdes are said once, in a catalogue, and a wrong type does not compile. */
export interface Topic<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** The part of the key that decides the partition, when it is not the whole key (hashed as UTF-8). */
  readonly partitionKey?: ((key: K) => string) | undefined;
}

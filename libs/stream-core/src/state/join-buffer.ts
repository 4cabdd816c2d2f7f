import type { RecordOrigin } from '../processor/record-origin.ts';
import type { StateStore } from './state-store.ts';

/** A record that waits, with where it came from. */
export interface BufferedRecord<K, V> extends RecordOrigin {
  readonly key: K;
  readonly value: V;
}

/** Where records of a stream wait for a versioned table. Its own time is the greatest timestamp put. */
export interface JoinBuffer<K, V> extends StateStore {
  readonly kind: 'internal';
  /** False: the record is later than the grace allows and was not taken. */
  put(record: BufferedRecord<K, V>): boolean;
  /** The next record whose grace has passed, by time, then by the byte order of the keys, then by arrival. Undefined: none has. */
  next(): BufferedRecord<K, V> | undefined;
  /** Deletes what `next` gave last. */
  removeNext(): void;
}

import type { StateStore } from './state-store.ts';

/** Records of one key, time and side that have found no partner yet, in the order they came. */
export interface UnmatchedRecords<K, V> {
  readonly key: K;
  readonly timestamp: number;
  readonly isLeft: boolean;
  /** Empty once they were deleted. */
  readonly values: readonly V[];
}

/** What a left or outer stream-stream join still has to answer alone, of both sides together. Changes are logged with the time of the record that made them. */
export interface OuterJoinStore<K, V> extends StateStore {
  readonly kind: 'internal';
  add(key: K, value: V, timestamp: number, isLeft: boolean): void;
  /** Deletes the records of this key, time and side, if there are any. */
  remove(key: K, timestamp: number, isLeft: boolean, recordTimestamp: number): void;
  /** By time, the right side before the left, then by the byte order of the keys. What is deleted meanwhile is left out or comes without values; do not add while going through it. */
  entries(): Iterable<UnmatchedRecords<K, V>>;
}

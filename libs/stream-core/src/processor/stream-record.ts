import type { Headers } from './headers.ts';

/** A record as the Processor API sees it. Immutable: pass a changed copy to `forward`. */
export interface StreamRecord<K, V> {
  readonly key: K;
  /** Null: a tombstone. */
  readonly value: V;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly headers: Headers;
}

/** Where a record came from. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

import type { RecordCursor } from '@playhead/kafka-protocol';
import type { Headers } from '../processor/headers.ts';
import type { SchemaSource } from '../serde/serde.ts';
import type { Topic } from '../topology/topic.ts';
import type { IsolationLevel, TopicPartition } from './types.ts';

/** A decoded record of a tailed topic. */
export interface TailRecord<K, V> extends TopicPartition {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: K | null;
  readonly value: V | null;
  readonly headers: Headers;
}

/** What a `TailReader` reads and who is told. */
export interface TailReaderOptions<K, V> {
  readonly topic: Topic<K, V>;
  /** 'latest': only what is written after the start. */
  readonly from: 'earliest' | 'latest';
  /** Called for each record, synchronously, in offset order per partition. A throw stops the reader with `onError`. */
  readonly onRecord?: (record: TailRecord<K, V>) => void;
  /** Called for each record without decoding: the cursor's positions are valid during the call only. */
  readonly onCursor?: (cursor: RecordCursor, partition: number) => void;
  /** A record that cannot be decoded: 'continue' skips it. Default 'fail'. */
  readonly onDeserializationError?: (error: Error, record: TopicPartition & { offset: number }) => 'continue' | 'fail';
  /** The reader has stopped for good. */
  readonly onError: (error: Error) => void;
  readonly schemas?: SchemaSource;
  /** Default read_committed. */
  readonly isolation?: IsolationLevel;
  readonly maxWaitMs?: number;
}

import type { TopicPartition } from '../../kafka/types.ts';
import type { Headers } from '../../processor/headers.ts';
import type { OutputOrigin } from '../../processor/record-collector.ts';
import type { RecordQueue } from './record-queue.ts';

/** About what an object and its two buffers take. */
const OVERHEAD_BYTES = 200;

/** A copy of an input record that outlives its fetch: what a dead letter is made of. */
export class SourceRecord implements TopicPartition, OutputOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly rawKey: Buffer | null;
  readonly rawValue: Buffer | null;
  readonly headers: Headers;
  readonly task: string;
  readonly sizeInBytes: number;

  /** Copies the head of a queue. */
  constructor({ topic, partition, cursor, rawKey, rawValue, headers }: RecordQueue, task: string) {
    this.topic = topic;
    this.partition = partition;
    this.offset = cursor.offset;
    this.timestamp = cursor.timestamp;
    this.rawKey = rawKey === null ? null : Buffer.from(rawKey);
    this.rawValue = rawValue === null ? null : Buffer.from(rawValue);
    this.headers = headers;
    this.task = task;
    this.sizeInBytes = OVERHEAD_BYTES + (rawKey?.length ?? 0) + (rawValue?.length ?? 0);
  }
}

import type { Headers } from './headers.ts';
import { NO_HEADERS } from './headers.ts';
import type { RecordMetadata } from './stream-record.ts';

/** Where the record that a task processes came from. One per task, overwritten for each record, so nothing is allocated. */
export class RecordContext {
  /** Empty inside a punctuator. */
  topic = '';
  partition = -1;
  offset = -1;
  /** Of the record as it was taken; what operators make of it travels as an argument. */
  timestamp = -1;
  headers: Headers = NO_HEADERS;

  set(topic: string, partition: number, offset: number, timestamp: number, headers: Headers): void {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.timestamp = timestamp;
    this.headers = headers;
  }

  clear(): void {
    this.topic = '';
    this.partition = -1;
    this.offset = -1;
    this.timestamp = -1;
    this.headers = NO_HEADERS;
  }

  /** A snapshot for the user's code. */
  get metadata(): RecordMetadata | undefined {
    if (this.topic === '') return undefined;
    return { topic: this.topic, partition: this.partition, offset: this.offset };
  }
}

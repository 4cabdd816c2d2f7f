import type { Headers } from '../processor/headers.ts';
import type { SchemaSource } from '../serde/serde.ts';
import type { Topic } from '../topology/topic.ts';
import type { BatchProducerOptions } from './batch-producer.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { RecordMetadata } from './types.ts';

/** A typed record to send. */
export interface TypedRecord<K, V> {
  readonly topic: Topic<K, V>;
  readonly key: K | null;
  readonly value: V | null;
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number;
  readonly headers?: Headers;
  /** Default: murmur2 of the topic's `partitionKey` or of the key's bytes; round robin without a key. */
  readonly partition?: number;
}

/** A record of bytes to send. */
export interface RawRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp?: number;
  readonly headers?: Headers;
  readonly partition?: number;
}

/** How a `RecordProducer` sends. */
export interface RecordProducerOptions extends BatchProducerOptions {
  /** For serdes that write a schema id. */
  readonly schemas?: SchemaSource;
}

/** Sends records one by one, for what is no topology. Idempotent, acks=all; records sent one after the other to a partition lie there in that order. */
export class RecordProducer {
  constructor(client: KafkaClient, options: RecordProducerOptions = {}) {
    void client;
    void options;
  }

  /** Loads partition counts and opens codecs of topics before the first `send`, so that it need not wait. Rejects with `BrokerError` for a topic that does not exist. */
  async prepare(topics: readonly Topic<never, never>[]): Promise<void> {
    void topics;
  }

  /** Resolves when every in-sync replica has the record. Rejects with `SerdeError` or `BrokerError`; with the latter the record may have been written (a timeout). */
  async send<K, V>(record: TypedRecord<K, V> | RawRecord): Promise<RecordMetadata> {
    throw new Error(`not yet: ${String(record.topic)}`);
  }

  /** Sends what waits, then closes. */
  async close(timeoutMs?: number): Promise<void> {
    void timeoutMs;
  }
}

/** What an extractor sees of a record. */
export interface ExtractedRecord<K, V> {
  readonly key: K;
  readonly value: V;
  /** The record's own timestamp in Kafka. */
  readonly timestamp: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Gives the timestamp that a record is processed with; a negative one drops it. `partitionTimeMs` is the greatest timestamp of its partition so far, -1 before the first.
 * Costs an object per record and an early look at the value, which the default (the record's own timestamp) does not.
 */
export type TimestampExtractor<K, V> = (record: ExtractedRecord<K, V>, partitionTimeMs: number) => number;

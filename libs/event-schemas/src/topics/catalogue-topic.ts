import type { Serde, Topic } from '@playhead/stream-core';

/** A topic as the catalogue knows it: what `Topic` has, and what is needed to create it. */
export interface CatalogueTopic<V> extends Topic<string, V> {
  /** Subject of the value's schema; keys have none. */
  readonly subject: string;
  readonly partitions: number;
  /** −1: the broker's default. */
  readonly replicationFactor: number;
  /** Topic settings as Kafka names them. */
  readonly configs: Readonly<Record<string, string>>;
}

/** A topic's dead letters: key and value as they were received, the reason in the headers. */
export interface DeadLetterTopic extends Topic<Uint8Array, Uint8Array> {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** What the catalogue says about a topic besides its name. */
export interface TopicDescription<V> {
  readonly value: Serde<V>;
  /** `delete`: records go after `retentionMs`; `compact`: the last record of each key stays. */
  readonly cleanup: 'delete' | 'compact';
  /** For `delete`: how long records are kept. Personal data at most 30 days. */
  readonly retentionMs?: number;
  readonly partitionKey?: (key: string) => string;
}

import type { ConnectionOptions } from 'node:tls';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition's raw record batches as one fetch brought them; whole batches, the first may start before `offset`. */
export interface FetchedRecords extends TopicPartition {
  /** The offset that was asked for: records below it are to be skipped. */
  readonly offset: number;
  /** The offset to fetch next, known without reading the records. */
  readonly nextOffset: number;
  readonly records: Buffer;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Aborted transactions that overlap `records`, by first offset. Empty under read_uncommitted. */
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
}

/** An offset to commit: of the next record to read, never of the last one read. */
export interface OffsetAndMetadata {
  readonly offset: number;
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

/** A topic to create. */
export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** −1: the broker's default. */
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Credentials; SASL without `ssl` sends them in the clear with the mechanism plain. */
export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How a cluster is reached. */
export interface KafkaClientOptions {
  /** host:port, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SaslOptions;
  /** Dialling, TLS handshake, version negotiation and authentication together. Default 10,000. */
  readonly connectionTimeoutMs?: number;
  /** From a request to its answer; after it the socket is given up. Default 30,000. A long poll has it on top of its own time, a join has five seconds. */
  readonly requestTimeoutMs?: number;
  /** How long a retriable failure is retried before it is reported. Default 120,000. */
  readonly retryTimeoutMs?: number;
  /** Default: warnings and errors go to stderr, as JSON lines; a broker that cannot be reached once, until it is back. */
  readonly logger?: Logger;
}

/** The part of a logger that the library uses; pino's fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Which records of transactions a reader gets: all, or those of committed ones. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed';

/** A partition and where to start reading it. */
export interface PartitionStart extends TopicPartition {
  readonly offset: number;
}

/** What `KafkaClient.listOffsets` found for one partition. */
export interface PartitionOffset extends TopicPartition {
  /** −1 when a timestamp was asked for and no record is that young. */
  readonly offset: number;
  /** Of the record found by a timestamp; −1 for 'earliest' and 'latest'. */
  readonly timestamp: number;
}

/** What became of one topic in `createTopics`. */
export interface CreatedTopic {
  readonly topic: string;
  /** `existed` says nothing about whether its partition count and configs are the wanted ones: see `describeTopics`. */
  readonly result: 'created' | 'existed';
}

/** One topic as the cluster knows it. */
export interface TopicDescription {
  readonly topic: string;
  readonly partitions: readonly PartitionDescription[];
}

/** One partition as the cluster knows it. */
export interface PartitionDescription {
  readonly partition: number;
  /** Node id, −1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** Where a record came to lie. */
export interface RecordMetadata extends TopicPartition {
  /** −1 when the broker recognised a resent batch but no longer knew its offset. */
  readonly offset: number;
}

import type { ConnectionOptions } from 'node:tls';
import type { Headers } from '../processor/headers.ts';

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

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** −1: the broker's default. */
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaClientOptions {
  /** host:port, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SaslOptions;
  readonly connectionTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** How long a retriable failure is retried before it is reported. Default 120,000. */
  readonly retryTimeoutMs?: number;
  readonly logger?: Logger;
}

/** The part of a logger that the library uses; pino's fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A record to be produced. */
export interface ProducerRecord {
  readonly topic: string;
  readonly partition: number;
  /** Milliseconds since the epoch, CreateTime. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Headers;
}

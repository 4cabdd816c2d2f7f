import { ByteReader, ByteWriter } from '@playhead/kafka-protocol';
import { groupByTopic } from './partition-map.ts';
import type { TopicPartition } from './types.ts';

/** What a consumer tells the group's leader (ConsumerProtocolSubscription, version 1). */
export interface ConsumerSubscription {
  readonly topics: readonly string[];
  readonly userData: Buffer | null;
  /** What the member had before, for sticky assignors. */
  readonly ownedPartitions: readonly TopicPartition[];
}

/** What the leader gives a consumer (ConsumerProtocolAssignment). */
export interface ConsumerAssignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Buffer | null;
}

const SUBSCRIPTION_VERSION = 1;
const ASSIGNMENT_VERSION = 0;

/** The form in which Kafka's own tools read a member's metadata. */
export function encodeSubscription({ topics, userData, ownedPartitions }: ConsumerSubscription): Buffer {
  const writer = new ByteWriter();
  writer.int16(SUBSCRIPTION_VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.nullableString(topic);
  writer.nullableBytes(userData);
  writePartitions(writer, ownedPartitions);
  return Buffer.concat(writer.chunks());
}

/** Reads any version; fields after those of version 1 are skipped. Throws `ProtocolError`. */
export function decodeSubscription(bytes: Buffer): ConsumerSubscription {
  const reader = new ByteReader(bytes);
  const version = reader.int16();
  const topics = Array.from({ length: reader.arrayLength() }, () => reader.nullableString() ?? '');
  const userData = reader.nullableBytes();
  return { topics, userData, ownedPartitions: version >= 1 ? readPartitions(reader) : [] };
}

/** The form in which Kafka's own tools read an assignment. */
export function encodeAssignment({ partitions, userData }: ConsumerAssignment): Buffer {
  const writer = new ByteWriter();
  writer.int16(ASSIGNMENT_VERSION);
  writePartitions(writer, partitions);
  writer.nullableBytes(userData);
  return Buffer.concat(writer.chunks());
}

/** Reads any version. Throws `ProtocolError`. An empty buffer, which a broker gives before any leader has assigned, is an empty assignment. */
export function decodeAssignment(bytes: Buffer): ConsumerAssignment {
  if (bytes.length === 0) return { partitions: [], userData: null };
  const reader = new ByteReader(bytes);
  reader.int16();
  const partitions = readPartitions(reader);
  return { partitions, userData: reader.nullableBytes() };
}

function writePartitions(writer: ByteWriter, partitions: readonly TopicPartition[]): void {
  const topics = groupByTopic(partitions);
  writer.int32(topics.size);
  for (const [topic, group] of topics) {
    writer.nullableString(topic);
    writer.int32(group.length);
    for (const { partition } of group) writer.int32(partition);
  }
}

function readPartitions(reader: ByteReader): TopicPartition[] {
  const partitions: TopicPartition[] = [];
  for (let topics = reader.arrayLength(); topics > 0; topics--) {
    const topic = reader.nullableString() ?? '';
    for (let left = reader.arrayLength(); left > 0; left--) partitions.push({ topic, partition: reader.int32() });
  }
  return partitions;
}

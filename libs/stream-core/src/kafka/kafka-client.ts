import { Cluster } from './cluster.ts';
import { deleteRecords, listOffsets } from './partition-offsets.ts';
import { countPartitions, createTopics, deleteTopics, describeTopicConfig, describeTopics } from './topic-admin.ts';
import type {
  CreatedTopic,
  IsolationLevel,
  KafkaClientOptions,
  NewTopic,
  PartitionOffset,
  PartitionStart,
  TopicDescription,
  TopicPartition,
} from './types.ts';

/** A Kafka cluster: what is asked about it and changed in it. Fetchers, producers and group members are made on top of one; each opens sockets of its own. */
export class KafkaClient {
  /** For this folder's other classes. */
  readonly cluster: Cluster;

  /** Dials nobody yet. Throws `StreamsError` for a broker address that is none. */
  constructor(options: KafkaClientOptions) {
    this.cluster = new Cluster(options);
  }

  /** Partition counts of those of `topics` that exist. Rejects with `BrokerError` when the cluster cannot be asked within `retryTimeoutMs`. */
  async partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const described = await describeTopics(this.cluster, topics);
    return new Map(described.map(({ topic, partitions }) => [topic, partitions.length]));
  }

  /** Partition counts of every topic that the cluster has; the answer grows with the cluster. Rejects as `partitionsOf` does. */
  async partitionsOfAll(): Promise<ReadonlyMap<string, number>> {
    return countPartitions(this.cluster);
  }

  /** Creates what does not exist yet; an existing topic is reported, not thrown, and left as it is. Rejects with the first other `BrokerError`. */
  async createTopics(topics: readonly NewTopic[]): Promise<readonly CreatedTopic[]> {
    return createTopics(this.cluster, topics);
  }

  /** Deletes topics; one that does not exist is not an error. */
  async deleteTopics(topics: readonly string[]): Promise<void> {
    return deleteTopics(this.cluster, topics);
  }

  /** Topics with their partitions, in the order asked for; those that do not exist are left out. */
  async describeTopics(topics: readonly string[]): Promise<readonly TopicDescription[]> {
    return describeTopics(this.cluster, topics);
  }

  /** All configuration values of a topic by name, defaults included. Rejects with `BrokerError` UNKNOWN_TOPIC_OR_PARTITION. */
  async describeTopicConfig(topic: string): Promise<ReadonlyMap<string, string | null>> {
    return describeTopicConfig(this.cluster, topic);
  }

  /**
   * Offsets in the order of `partitions`. A number asks for the first record whose timestamp is at least that many
   * milliseconds. Under read_committed, 'latest' is the last stable offset.
   */
  async listOffsets(
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest' | number,
    isolation: IsolationLevel = 'read_uncommitted',
  ): Promise<readonly PartitionOffset[]> {
    return listOffsets(this.cluster, partitions, at, isolation);
  }

  /** Deletes all records below the given offsets (−1: everything). */
  async deleteRecords(before: readonly PartitionStart[]): Promise<void> {
    return deleteRecords(this.cluster, before);
  }

  /** Closes every socket, those of fetchers, producers and members that were not closed too. */
  async close(): Promise<void> {
    this.cluster.close();
  }
}

import type { metadataApi, ResponseOf } from '@playhead/kafka-protocol';
import type { BrokerAddress } from './broker-address.ts';
import type { PartitionDescription } from './types.ts';

/** One topic as of the latest metadata answer. */
export interface TopicMetadata {
  /** Kafka's error code for this topic alone; 0 is none. */
  readonly errorCode: number;
  /** By partition number, without gaps. */
  readonly partitions: readonly PartitionDescription[];
}

/** What the cluster's brokers said about brokers and topics. Errors stay with their topic: one without a leader hinders no other. */
export class Metadata {
  /** By node id. */
  #brokers: ReadonlyMap<number, BrokerAddress> = new Map();
  /** Topics that somebody in this process asked for, with the latest answer: no more than that. */
  readonly #topics = new Map<string, TopicMetadata>();
  #controllerId = -1;

  get brokers(): readonly BrokerAddress[] {
    return [...this.#brokers.values()];
  }

  /** Undefined before the first answer and while there is none. */
  get controller(): BrokerAddress | undefined {
    return this.#brokers.get(this.#controllerId);
  }

  /** Undefined when the topic was not asked for. */
  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name);
  }

  /** Undefined while the partition has no (known) leader. */
  leaderOf(topic: string, partition: number): BrokerAddress | undefined {
    const leader = this.#topics.get(topic)?.partitions[partition]?.leader;
    return leader === undefined ? undefined : this.#brokers.get(leader);
  }

  update(answer: ResponseOf<typeof metadataApi>): void {
    this.#brokers = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    this.#controllerId = answer.controllerId;
    for (const { name, errorCode, partitions } of answer.topics) {
      if (name === null) continue;
      const described = partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
        partition: partitionIndex,
        leader: leaderId,
        replicas: replicaNodes,
        inSyncReplicas: isrNodes,
      }));
      described.sort((a, b) => a.partition - b.partition);
      this.#topics.set(name, { errorCode, partitions: described });
    }
  }
}

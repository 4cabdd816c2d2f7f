import { ErrorCode } from '@playhead/kafka-protocol';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import { Coordinator } from './coordinator.ts';
import { brokerError } from './errors.ts';
import { commitOffsets } from './group-offsets.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import type { PartitionCommit } from './group-types.ts';
import type { KafkaClient } from './kafka-client.ts';
import { groupByTopic } from './partition-map.ts';
import { retrying } from './retry.ts';
import type { OffsetAndMetadata, TopicPartition } from './types.ts';

/** A member of a group, as its coordinator knows it. */
export interface GroupMemberDescription {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
}

/** A committed offset of a group. */
export type GroupOffset = TopicPartition & OffsetAndMetadata;

/** Whoever looks at a group and changes its offsets from outside; it must have no members then. */
export class GroupAdmin {
  readonly #client: KafkaClient;
  readonly #groupId: string;

  constructor(client: KafkaClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  /** Members, those too whose session has not ended yet. None for a group that does not exist. */
  members(): Promise<readonly GroupMemberDescription[]> {
    return this.#asking(async (ask) => {
      const { groups } = await ask(calls.describeGroups, { groups: [this.#groupId] }, ({ groups: [group] }) =>
        group?.errorCode === ErrorCode.GROUP_ID_NOT_FOUND ? 0 : (group?.errorCode ?? 0),
      );
      return (groups[0]?.members ?? []).map(({ memberId, clientId, clientHost }) => ({
        memberId,
        clientId,
        host: clientHost,
      }));
    });
  }

  /** Every committed offset; waits until pending transactional commits are decided. */
  offsets(): Promise<readonly GroupOffset[]> {
    return this.#asking(async (ask) => {
      const request = { groupId: this.#groupId, topics: null, requireStable: true };
      const { topics } = await ask(calls.offsetFetch, request, ({ errorCode }) => errorCode);
      return topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(({ partitionIndex: partition, committedOffset: offset, metadata, errorCode }) => {
          if (errorCode !== 0) throw brokerError(errorCode, 'committed offset', { topic, partition });
          return { topic, partition, offset, metadata: metadata ?? '' };
        }),
      );
    });
  }

  /** Commits without being a member. Rejects with a `BrokerError` (`rejoin`) when the group has members. */
  async commit(offsets: readonly PartitionCommit[]): Promise<void> {
    if (offsets.length === 0) return;
    const coordinator = new GroupCoordinator(this.#client.cluster, this.#groupId);
    const nobody = { memberId: '', generation: -1, leader: false };
    try {
      await this.#retrying(() => commitOffsets(coordinator, this.#groupId, nobody, null, offsets));
    } finally {
      coordinator.close();
    }
  }

  /** Forgets committed offsets. */
  async forget(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    const topics = Array.from(groupByTopic(partitions), ([name, group]) => ({
      name,
      partitions: group.map(({ partition: partitionIndex }) => ({ partitionIndex })),
    }));
    await this.#asking((ask) =>
      ask(calls.offsetDelete, { groupId: this.#groupId, topics }, ({ errorCode }) => errorCode),
    );
  }

  async #asking<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const { cluster } = this.#client;
    const sockets = cluster.openSockets();
    const coordinator = new Coordinator(cluster, 'group', this.#groupId);
    try {
      return await this.#retrying(() =>
        work((call, request, codeOf) => coordinator.ask(sockets, call, request, codeOf)),
      );
    } finally {
      cluster.closeSockets(sockets);
    }
  }

  #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const { retryTimeoutMs, signal } = this.#client.cluster;
    return retrying(attempt, { timeoutMs: retryTimeoutMs, signal });
  }
}

type Ask = <In, Out>(call: Call<In, Out>, request: In, codeOf: (answer: Out) => number) => Promise<Out>;

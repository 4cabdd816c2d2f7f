import { calls } from './calls.ts';
import { brokerError } from './errors.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { Membership, PartitionCommit } from './group-types.ts';
import { groupByTopic, PartitionMap } from './partition-map.ts';
import type { ProducerIdentity } from './produce-partition.ts';
import type { OffsetAndMetadata, TopicPartition } from './types.ts';

/** Commits with a member's generation, so that one that was expelled commits nothing. One attempt. */
export async function commitOffsets(
  coordinator: GroupCoordinator,
  groupId: string,
  { memberId, generation }: Membership,
  groupInstanceId: string | null,
  offsets: readonly PartitionCommit[],
): Promise<void> {
  const request = { groupId, generationId: generation, memberId, groupInstanceId, topics: topicsOf(offsets) };
  await coordinator.offsets(calls.offsetCommit, request, firstRefusal);
}

/** A transaction as the group's coordinator must know it. */
export interface TransactionIdentity extends ProducerIdentity {
  readonly transactionalId: string;
}

/** As `commitOffsets`, within a transaction: pending until that ends (KIP-447). One attempt. */
export async function commitTransactionOffsets(
  coordinator: GroupCoordinator,
  groupId: string,
  { memberId, generation: generationId }: Membership,
  groupInstanceId: string | null,
  transaction: TransactionIdentity,
  offsets: readonly PartitionCommit[],
): Promise<void> {
  const request = { ...transaction, groupId, generationId, memberId, groupInstanceId, topics: topicsOf(offsets) };
  await coordinator.offsets(calls.txnOffsetCommit, request, firstRefusal);
}

/** Committed offsets in the order of `partitions`. One attempt; with `requireStable` an offset that an open transaction may change is a retriable error. */
export async function fetchOffsets(
  coordinator: GroupCoordinator,
  groupId: string,
  partitions: readonly TopicPartition[],
  requireStable: boolean,
): Promise<(OffsetAndMetadata | undefined)[]> {
  const request = {
    groupId,
    topics: Array.from(groupByTopic(partitions), ([name, group]) => ({
      name,
      partitionIndexes: group.map(({ partition }) => partition),
    })),
    requireStable,
  };
  const answer = await coordinator.offsets(calls.offsetFetch, request, ({ errorCode }) => errorCode);
  const found = new PartitionMap<OffsetAndMetadata>();
  for (const { name: topic, partitions: answered } of answer.topics) {
    for (const { partitionIndex: partition, errorCode, committedOffset, committedLeaderEpoch, metadata } of answered) {
      if (errorCode !== 0) throw brokerError(errorCode, 'committed offset', { topic, partition });
      if (committedOffset < 0) continue;
      found.set(
        { topic, partition },
        { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata: metadata ?? '' },
      );
    }
  }
  return partitions.map((partition) => found.get(partition));
}

function topicsOf(offsets: readonly PartitionCommit[]) {
  return Array.from(groupByTopic(offsets), ([name, group]) => ({
    name,
    partitions: group.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata ?? '',
    })),
  }));
}

function firstRefusal({
  topics,
}: {
  readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
}): number {
  for (const { partitions } of topics) {
    for (const { errorCode } of partitions) if (errorCode !== 0) return errorCode;
  }
  return 0;
}

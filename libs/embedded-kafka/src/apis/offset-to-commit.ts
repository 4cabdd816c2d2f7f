import { ErrorCode } from '@playhead/kafka-protocol';
import type { GroupCoordinator, OffsetToCommit } from '../groups/group-coordinator.ts';

/** A partition as OffsetCommit and TxnOffsetCommit name it. */
export interface RequestedOffset {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

/** The partitions of a request sorted into those that may be committed and error codes for the others. */
export interface CheckedOffsets<P> {
  readonly accepted: readonly OffsetToCommit[];
  readonly refused: ReadonlyMap<P, number>;
}

/** Looks at each partition of a commit for itself: it exists, and its metadata is not too large. */
export function checkOffsets<P extends RequestedOffset>(
  groups: GroupCoordinator,
  topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
): CheckedOffsets<P> {
  const accepted: OffsetToCommit[] = [];
  const refused = new Map<P, number>();
  for (const { name, partitions } of topics) {
    for (const partition of partitions) {
      const errorCode = checkOffset(groups, name, partition);
      if (errorCode === ErrorCode.NONE) accepted.push(toCommit(name, partition));
      else refused.set(partition, errorCode);
    }
  }
  return { accepted, refused };
}

function checkOffset(groups: GroupCoordinator, topic: string, partition: RequestedOffset): number {
  const { maxOffsetMetadataBytes } = groups.settings;
  if (Buffer.byteLength(partition.committedMetadata ?? '') > maxOffsetMetadataBytes) {
    return ErrorCode.OFFSET_METADATA_TOO_LARGE;
  }
  return groups.hasPartition(topic, partition.partitionIndex) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
}

function toCommit(topic: string, partition: RequestedOffset): OffsetToCommit {
  return {
    topic,
    partition: partition.partitionIndex,
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
  };
}

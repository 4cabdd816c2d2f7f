import { ErrorCode, txnOffsetCommitApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { checkOffsets } from './offset-to-commit.ts';

type Request = RequestOf<typeof txnOffsetCommitApi>;
type Response = ResponseInputOf<typeof txnOffsetCommitApi>;
type RequestedPartition = Request['topics'][number]['partitions'][number];

/** What TxnOffsetCommit needs of the broker. */
export interface TxnOffsetCommitOptions {
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
}

/** Stores a group's offsets, on disk, to be committed with a transaction. Fenced by the producer's epoch and, from version 3 on, by the group's generation (KIP-447). */
export const txnOffsetCommit = ({ groups, transactions }: TxnOffsetCommitOptions): AnyApiHandler => {
  const check = (request: Request): number => {
    if (request.groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const errorCode = transactions.checkOffsets(request, request.groupId);
    // A group's coordinator names what is to be tried again in its own words.
    if (errorCode === ErrorCode.NOT_ENOUGH_REPLICAS) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    return errorCode === ErrorCode.NONE ? groups.checkCommit(request.groupId, request, true) : errorCode;
  };

  return defineHandler({
    api: txnOffsetCommitApi,
    versions: [0, 3],
    handle: (request) => {
      const refusal = check(request);
      const { accepted, refused } = checkOffsets(groups, request.topics);
      const stored =
        refusal === ErrorCode.NONE ? groups.commitPending(request.groupId, request.producerId, accepted) : refusal;
      return everywhere(request, (partition) => refused.get(partition) ?? stored);
    },
    failed: (request, errorCode) => everywhere(request, () => errorCode),
  });
};

function everywhere(request: Request, codeOf: (partition: RequestedPartition) => number): Response {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({
        partitionIndex: partition.partitionIndex,
        errorCode: codeOf(partition),
      })),
    })),
  };
}

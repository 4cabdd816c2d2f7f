import { addPartitionsToTxnApi, ErrorCode, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { fencedFor } from './producer-fenced.ts';

type Request = RequestOf<typeof addPartitionsToTxnApi>;
type Response = ResponseInputOf<typeof addPartitionsToTxnApi>;

/** What AddPartitionsToTxn needs of the broker. */
export interface AddPartitionsToTxnOptions {
  readonly topics: TopicStore;
  readonly transactions: TransactionCoordinator;
}

const FIRST_FENCED_VERSION = 2;

/** Makes partitions part of a transaction, all or none; on disk when it answers, so that nothing is ever produced that the coordinator does not know of. */
export const addPartitionsToTxn = ({ topics, transactions }: AddPartitionsToTxnOptions): AnyApiHandler =>
  defineHandler({
    api: addPartitionsToTxnApi,
    versions: [0, 2],
    handle(request, { apiVersion }) {
      const wanted = request.topics.flatMap(({ name, partitions }) =>
        partitions.map((partition) => ({ topic: name, partition })),
      );
      if (wanted.some(({ topic, partition }) => !topics.hasPartition(topic, partition))) {
        return everywhere(request, (topic, partition) =>
          topics.hasPartition(topic, partition)
            ? ErrorCode.OPERATION_NOT_ATTEMPTED
            : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        );
      }
      const errorCode = fencedFor(apiVersion, FIRST_FENCED_VERSION, transactions.addPartitions(request, wanted));
      return everywhere(request, () => errorCode);
    },
    failed: (request, errorCode) => everywhere(request, () => errorCode),
  });

function everywhere(request: Request, codeOf: (topic: string, partition: number) => number): Response {
  return {
    resultsByTopic: request.topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: codeOf(name, partitionIndex),
      })),
    })),
  };
}

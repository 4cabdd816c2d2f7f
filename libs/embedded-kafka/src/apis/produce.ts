import {
  BATCH_HEADER_BYTES,
  BatchAttribute,
  BatchOffset,
  ErrorCode,
  errorName,
  produceApi,
  type RequestOf,
  type ResponseInputOf,
} from '@playhead/kafka-protocol';
import { defineHandler, NO_RESPONSE, type AnyApiHandler, type RequestContext } from '../server/handler.ts';
import type { AppendResult } from '../storage/append-result.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
import { refuseTransactions, type TransactionCheck } from '../storage/partition-producers.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';

type ProduceRequest = RequestOf<typeof produceApi>;
type ProduceResponse = ResponseInputOf<typeof produceApi>;
type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number];

/** What Produce needs of the broker. */
export interface ProduceOptions {
  readonly topics: TopicStore;
  readonly transactions: TransactionCoordinator;
  /** Acknowledge only what is on the disk. */
  readonly sync: boolean;
  now(): number;
}

const ALLOWED_ACKS: ReadonlySet<number> = new Set([-1, 0, 1]);

/**
 * Appends batches. Acknowledged means written to the log file; with `sync` also forced to the disk.
 * Versions 0 to 2 are reported and not served: librdkafka looks at version 0 to see whether compression is known (KAFKA-18659).
 */
export const produce = ({ topics, transactions, sync, now }: ProduceOptions): AnyApiHandler => {
  const checkFor = (transactionalId: string | null, topic: string, partition: number): TransactionCheck =>
    transactionalId === null
      ? refuseTransactions
      : transactions.checkOfPartition(transactionalId, { topic, partition });

  const appendAll = (request: ProduceRequest, context: RequestContext, nowMs: number): ProduceResponse => ({
    responses: request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const log = topics.log(name, index);
        if (log === undefined) return failedPartition(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        const result = log.append(records, context.apiVersion, nowMs, checkFor(request.transactionalId, name, index));
        if (result.errorCode !== ErrorCode.NONE) report(context, name, index, result);
        return toResponse(index, result, log);
      }),
    })),
  });

  const syncAll = async (request: ProduceRequest): Promise<void> => {
    const logs = request.topicData.flatMap(({ name, partitionData }) =>
      partitionData.flatMap(({ index }) => topics.log(name, index) ?? []),
    );
    await Promise.all(logs.filter((log) => !log.closed).map((log) => log.sync()));
  };

  return defineHandler({
    api: produceApi,
    versions: [3, 8],
    reportedMinVersion: 0,
    handle(request, context) {
      if (!ALLOWED_ACKS.has(request.acks)) return failedResponse(request, ErrorCode.INVALID_REQUIRED_ACKS);
      if (request.transactionalId === null && hasTransactionalBatch(request))
        return failedResponse(request, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      const response = appendAll(request, context, now());
      if (request.acks === 0) {
        // Nobody reads an error, so the connection ends, as Kafka has it: the client notices and looks for new metadata.
        const failed = failures(response);
        if (failed.length > 0) throw new Error(`Produce with acks 0 failed: ${failed.join(', ')}`);
        return NO_RESPONSE;
      }
      return sync ? syncAll(request).then(() => response) : response;
    },
    failed: failedResponse,
  });
};

/** Looks at the attributes alone: whether the batches are sound is found out with each. */
function hasTransactionalBatch({ topicData }: ProduceRequest): boolean {
  return topicData.some(({ partitionData }) =>
    partitionData.some(
      ({ records }) =>
        records !== null &&
        records.length >= BATCH_HEADER_BYTES &&
        (records.readInt16BE(BatchOffset.ATTRIBUTES) & BatchAttribute.TRANSACTIONAL) !== 0,
    ),
  );
}

function report(
  { logger, clientId }: RequestContext,
  topic: string,
  partition: number,
  { errorCode, message }: AppendResult,
): void {
  const fields = { topic, partition, clientId, error: errorName(errorCode), reason: message };
  if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) logger.error('append failed', fields);
  else logger.warn('batch refused', fields);
}

function toResponse(
  index: number,
  { errorCode, message, invalidRecords, baseOffset, logAppendTimeMs }: AppendResult,
  log: PartitionLog,
): PartitionResponse {
  const recordErrors = invalidRecords.map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: message }));
  const { logStartOffset } = log;
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage: message };
}

function failedPartition(index: number, errorCode: number): PartitionResponse {
  return { index, errorCode, baseOffset: -1 };
}

function failedResponse(request: ProduceRequest, errorCode: number): ProduceResponse {
  return {
    responses: request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => failedPartition(index, errorCode)),
    })),
  };
}

function failures(response: ProduceResponse): string[] {
  return response.responses.flatMap(({ name, partitionResponses }) =>
    partitionResponses
      .filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
      .map(({ index, errorCode }) => `${name}-${index} ${errorName(errorCode)}`),
  );
}

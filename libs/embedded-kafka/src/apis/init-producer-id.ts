import { ErrorCode, initProducerIdApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { ProducerIds } from '../storage/producer-ids.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { fencedFor } from './producer-fenced.ts';

/** What InitProducerId needs of the broker. */
export interface InitProducerIdOptions {
  readonly producerIds: ProducerIds;
  readonly transactions: TransactionCoordinator;
}

/** First version whose clients know PRODUCER_FENCED. */
const FIRST_FENCED_VERSION = 4;

/** A fresh id with epoch 0 for an idempotent producer; a transactional one gets the id of its name with an epoch that fences its predecessor. */
export const initProducerId = ({ producerIds, transactions }: InitProducerIdOptions): AnyApiHandler =>
  defineHandler({
    api: initProducerIdApi,
    versions: [0, 4],
    handle({ transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch }, { apiVersion, logger }) {
      if (transactionalId !== null) {
        const result = transactions.initProducerId({ transactionalId, timeoutMs, producerId, producerEpoch });
        return { ...result, errorCode: fencedFor(apiVersion, FIRST_FENCED_VERSION, result.errorCode) };
      }
      try {
        return { errorCode: ErrorCode.NONE, producerId: producerIds.next(), producerEpoch: 0 };
      } catch (error) {
        logger.error('a producer id could not be reserved', { reason: String(error) });
        return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
      }
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });

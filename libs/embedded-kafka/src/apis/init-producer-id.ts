import { ErrorCode, initProducerIdApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { ProducerIds } from '../storage/producer-ids.ts';

/** A fresh id with epoch 0 for an idempotent producer. A transactional id is refused: this broker has no transactions. */
export const initProducerId = ({ producerIds }: { readonly producerIds: ProducerIds }): AnyApiHandler =>
  defineHandler({
    api: initProducerIdApi,
    versions: [0, 4],
    handle({ transactionalId }, { logger, clientId }) {
      if (transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST };
      if (transactionalId !== null) {
        logger.warn('transactional producer refused: this broker has no transactions', { transactionalId, clientId });
        return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
      }
      return { errorCode: ErrorCode.NONE, producerId: producerIds.next(), producerEpoch: 0 };
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });

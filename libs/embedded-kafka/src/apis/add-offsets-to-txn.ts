import { addOffsetsToTxnApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { fencedFor } from './producer-fenced.ts';

const FIRST_FENCED_VERSION = 2;

/** Makes a group's offsets part of a transaction. */
export const addOffsetsToTxn = ({ transactions }: { readonly transactions: TransactionCoordinator }): AnyApiHandler =>
  defineHandler({
    api: addOffsetsToTxnApi,
    versions: [0, 2],
    handle: (request, { apiVersion }) => ({
      errorCode: fencedFor(apiVersion, FIRST_FENCED_VERSION, transactions.addOffsets(request, request.groupId)),
    }),
    failed: (_request, errorCode) => ({ errorCode }),
  });

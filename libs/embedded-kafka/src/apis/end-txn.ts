import { endTxnApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { fencedFor } from './producer-fenced.ts';

const FIRST_FENCED_VERSION = 2;

/** Commits or aborts a transaction. */
export const endTxn = ({ transactions }: { readonly transactions: TransactionCoordinator }): AnyApiHandler =>
  defineHandler({
    api: endTxnApi,
    versions: [0, 2],
    handle: (request, { apiVersion }) => {
      const answer = (code: number) => ({ errorCode: fencedFor(apiVersion, FIRST_FENCED_VERSION, code) });
      const ended = transactions.end(request, request.committed);
      return typeof ended === 'number' ? answer(ended) : ended.then(answer);
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });

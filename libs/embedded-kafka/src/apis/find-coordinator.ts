import { ErrorCode, errorName, findCoordinatorApi } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { BrokerIdentity } from '../server/services.ts';

const GROUP = 0;
const TRANSACTION = 1;

/** Who coordinates a group or a transactional id: always this broker. */
export const findCoordinator = ({ nodeId, advertised }: BrokerIdentity): AnyApiHandler =>
  defineHandler({
    api: findCoordinatorApi,
    versions: [0, 2],
    handle: ({ keyType }) => {
      if (keyType !== GROUP && keyType !== TRANSACTION) return refusal(ErrorCode.INVALID_REQUEST);
      return { errorCode: ErrorCode.NONE, nodeId, ...advertised };
    },
    failed: (_request, errorCode) => refusal(errorCode),
  });

function refusal(errorCode: number): { readonly errorCode: number; readonly errorMessage: string } {
  return { errorCode, errorMessage: errorName(errorCode) };
}

import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  decodeResponse,
  encodeResponse,
  endTxnApi,
  ErrorCode,
  findCoordinatorApi,
  metadataApi,
  offsetCommitApi,
  produceApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';

/** How a broker says: you were replaced, or are no member any more. */
const FENCED: ReadonlySet<number> = new Set([
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.FENCED_INSTANCE_ID,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.PRODUCER_FENCED,
]);

/** Every error code in an answer to a write. */
const WRITES: ReadonlyMap<number, (version: number, payload: Buffer) => readonly number[]> = new Map([
  [
    produceApi.key,
    (version: number, payload: Buffer) =>
      decodeResponse(produceApi, version, payload).responses.flatMap(({ partitionResponses }) =>
        partitionResponses.map(({ errorCode }) => errorCode),
      ),
  ],
  [
    addPartitionsToTxnApi.key,
    (version: number, payload: Buffer) =>
      decodeResponse(addPartitionsToTxnApi, version, payload).resultsByTopic.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
      ),
  ],
  [
    addOffsetsToTxnApi.key,
    (version: number, payload: Buffer) => [decodeResponse(addOffsetsToTxnApi, version, payload).errorCode],
  ],
  [endTxnApi.key, (version: number, payload: Buffer) => [decodeResponse(endTxnApi, version, payload).errorCode]],
  [
    txnOffsetCommitApi.key,
    (version: number, payload: Buffer) =>
      decodeResponse(txnOffsetCommitApi, version, payload).topics.flatMap(({ partitions }) =>
        partitions.map(({ errorCode }) => errorCode),
      ),
  ],
  [
    offsetCommitApi.key,
    (version: number, payload: Buffer) =>
      decodeResponse(offsetCommitApi, version, payload).topics.flatMap(({ partitions }) =>
        partitions.map(({ errorCode }) => errorCode),
      ),
  ],
]);

/** An answer that has to be looked at. */
export interface Answer {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  /** What follows the correlation id. */
  readonly payload: Buffer;
}

/** The code with which an answer refuses a write of a member or producer that was replaced; undefined: it does not. */
export function refusalOfZombie({ apiKey, version, payload }: Answer): number | undefined {
  return WRITES.get(apiKey)?.(version, payload).find((code) => FENCED.has(code));
}

/** The answer with the proxy's address in the broker's place; undefined where there is none in it. */
export function advertise({ apiKey, version, correlationId, payload }: Answer, port: number): Buffer[] | undefined {
  const host = '127.0.0.1';
  if (apiKey === metadataApi.key) {
    const answer = decodeResponse(metadataApi, version, payload);
    const brokers = answer.brokers.map((broker) => ({ ...broker, host, port }));
    return encodeResponse(metadataApi, version, correlationId, { ...answer, brokers });
  }
  if (apiKey === findCoordinatorApi.key) {
    const answer = decodeResponse(findCoordinatorApi, version, payload);
    return encodeResponse(findCoordinatorApi, version, correlationId, { ...answer, host, port });
  }
  return undefined;
}

/** True for APIs whose answers are looked at. */
export const isLookedAt = (apiKey: number): boolean =>
  WRITES.has(apiKey) || apiKey === metadataApi.key || apiKey === findCoordinatorApi.key;

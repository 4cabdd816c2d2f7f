import { ErrorCode } from '@playhead/kafka-protocol';

/** An error code as a version of an API knows it: clients before `firstVersion` are told INVALID_PRODUCER_EPOCH (47) instead of PRODUCER_FENCED (90, KIP-588). */
export function fencedFor(apiVersion: number, firstVersion: number, errorCode: number): number {
  const isUnknown = errorCode === ErrorCode.PRODUCER_FENCED && apiVersion < firstVersion;
  return isUnknown ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode;
}

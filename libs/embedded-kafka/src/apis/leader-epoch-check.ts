import { ErrorCode } from '@playhead/kafka-protocol';

/** KIP-320: the error for a client whose idea of a partition's leader epoch is not the broker's; −1 is no idea. */
export function checkLeaderEpoch(clientEpoch: number, currentEpoch: number): number {
  if (clientEpoch < 0 || clientEpoch === currentEpoch) return ErrorCode.NONE;
  return clientEpoch < currentEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}

import { ErrorCode } from '@playhead/kafka-protocol';

/** How an append went; with `errorCode` 0 the batch is in the log, now or by the earlier try of the same producer. */
export interface AppendResult {
  readonly errorCode: number;
  readonly message: string | null;
  /** The records that are to blame, by their places in the batch; none when it is the batch as a whole (KIP-467). */
  readonly invalidRecords: readonly number[];
  /** −1 with an error. */
  readonly baseOffset: number;
  /** −1 unless the topic uses LogAppendTime. */
  readonly logAppendTimeMs: number;
}

/** The result of a batch that is in the log. */
export const appended = (baseOffset: number, logAppendTimeMs: number): AppendResult => ({
  errorCode: ErrorCode.NONE,
  message: null,
  invalidRecords: [],
  baseOffset,
  logAppendTimeMs,
});

/** The result of a batch that is not. */
export const refused = (errorCode: number, message: string, invalidRecords: readonly number[] = []): AppendResult => ({
  errorCode,
  message,
  invalidRecords,
  baseOffset: -1,
  logAppendTimeMs: -1,
});

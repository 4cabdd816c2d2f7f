import { ErrorCode } from '@playhead/kafka-protocol';

/** How an append went; with `errorCode` 0 the batch is in the log, now or by the earlier try of the same producer. */
export interface AppendResult {
  readonly errorCode: number;
  readonly message: string | null;
  /** −1 with an error. */
  readonly baseOffset: number;
  /** −1 unless the topic uses LogAppendTime. */
  readonly logAppendTimeMs: number;
}

/** The result of a batch that is in the log. */
export const appended = (baseOffset: number, logAppendTimeMs: number): AppendResult => ({
  errorCode: ErrorCode.NONE,
  message: null,
  baseOffset,
  logAppendTimeMs,
});

/** The result of a batch that is not. */
export const refused = (errorCode: number, message: string): AppendResult => ({
  errorCode,
  message,
  baseOffset: -1,
  logAppendTimeMs: -1,
});

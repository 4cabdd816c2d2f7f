import { ErrorCode } from '@playhead/kafka-protocol';
import { TopicError } from '../storage/topic-store.ts';

/** How a change of one topic went, as several responses have it. */
export interface TopicResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Makes a change and turns a refusal into its result; other errors are the broker's own and go through. */
export function topicResult(name: string, change: () => void): TopicResult {
  try {
    change();
    return { name, errorCode: ErrorCode.NONE, errorMessage: null };
  } catch (error) {
    if (!(error instanceof TopicError)) throw error;
    return { name, errorCode: error.errorCode, errorMessage: error.message };
  }
}

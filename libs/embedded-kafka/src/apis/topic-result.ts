import { ErrorCode } from '@playhead/kafka-protocol';
import { TopicError } from '../storage/topic-error.ts';

/** How a change of one topic went, as several responses have it. */
export interface TopicResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Changes each topic of a request for itself. A name that comes twice is refused and answered once, as Kafka does. */
export function topicResults<T extends { readonly name: string }>(
  topics: readonly T[],
  change: (topic: T) => void,
): TopicResult[] {
  const byName = Map.groupBy(topics, ({ name }) => name);
  return Array.from(byName, ([name, [topic, ...others]]) =>
    topicResult(name, () => {
      if (topic === undefined || others.length > 0)
        throw new TopicError(ErrorCode.INVALID_REQUEST, `Topic '${name}' is named twice in one request`);
      change(topic);
    }),
  );
}

/** Makes a change and turns a refusal into its result; other errors are the broker's own and go through. */
function topicResult(name: string, change: () => void): TopicResult {
  try {
    change();
    return { name, errorCode: ErrorCode.NONE, errorMessage: null };
  } catch (error) {
    if (!(error instanceof TopicError)) throw error;
    return { name, errorCode: error.errorCode, errorMessage: error.message };
  }
}

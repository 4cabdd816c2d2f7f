import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { ProductionHandler } from './streams-config.ts';
import { TASKS_LOST } from './streams-producer.ts';

/** The part of `BatchProducer` that reports what Kafka refused. */
export interface RefusedProducer {
  readonly error: Error | undefined;
  clearError(): void;
}

/** Who decides, and who is told. */
export interface RefusalOptions {
  readonly handler: ProductionHandler;
  /** Output and offsets are committed in transactions: nothing of one can be left out. */
  readonly isTransactional: boolean;
  /** The output is left out. */
  readonly onDropped: (error: Error) => void;
  /** The application cannot go on: the handler said so, or threw. */
  readonly onError: (error: unknown) => void;
}

/** A record, or whoever writes it, is not taken: another transaction would come to the same end. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.INVALID_RECORD,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.INVALID_TOPIC_EXCEPTION,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
]);

/** Asks the production handler about the producer's error, if there is one. Never throws: it runs inside the producer's answers. */
export function decideAboutRefusal(
  producer: RefusedProducer,
  { handler, isTransactional, onDropped, onError }: RefusalOptions,
): void {
  const { error } = producer;
  if (error === undefined) return;
  // Nobody has refused it: the next owner of its tasks writes it.
  if (error instanceof BrokerError && error.reason === TASKS_LOST) return;
  // Whatever else failed a transaction is over when it has been aborted.
  if (isTransactional && !(error instanceof BrokerError && REFUSALS.has(error.brokerCode))) return;
  try {
    if (handler(error) === 'fail') onError(error);
    else if (isTransactional) onError(cannotLeaveOut(error));
    else {
      onDropped(error);
      producer.clearError();
    }
  } catch (thrown) {
    onError(thrown);
  }
}

function cannotLeaveOut(cause: Error): StreamsError {
  const message = `the production handler answered "continue" to: ${cause.message}; under exactly_once output cannot be left out of a transaction`;
  return new StreamsError('STREAMS_BROKER', message, { cause });
}

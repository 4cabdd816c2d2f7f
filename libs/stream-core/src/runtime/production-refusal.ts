import { ErrorCode } from '@playhead/kafka-protocol';
import { StreamsError } from '../errors.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { OutputRecord, RefusalDecision, RefusalPolicy } from '../kafka/refused-records.ts';
import { NO_HEADERS } from '../processor/headers.ts';
import { DEAD_LETTER, deadLetterFor } from './task/dead-letter.ts';
import { SourceRecord } from './task/source-record.ts';
import type { FailedOutput, ProductionHandler, ProductionResponse } from './task-handlers.ts';

/** Who decides, and who is told. */
export interface RefusalOptions {
  readonly handler: ProductionHandler;
  /** Output and offsets are committed in transactions: nothing of one can be left out. */
  readonly isTransactional: boolean;
  /** Of a dead-letter topic. Throws `TopologyError` when it does not exist. */
  readonly partitionCount: (topic: string) => number;
  /** So many records of output are left out. */
  readonly onDropped: (count: number, error: Error) => void;
  /** So many of them will be written to a dead-letter topic. */
  readonly onDeadLetters: (count: number) => void;
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

/** Asks the production handler about each record that Kafka refused, and makes the dead letters. */
export function refusalPolicy(options: RefusalOptions): RefusalPolicy {
  const { isTransactional, onDropped, onDeadLetters, onError } = options;
  return (refused, error) => {
    // Whatever else failed a transaction is over when it has been aborted.
    if (isTransactional && !(error instanceof BrokerError && REFUSALS.has(error.brokerCode))) return { fail: error };
    const decision = decide(refused, error, options);
    if (decision === 'retry') return decision;
    if ('fail' in decision) onError(decision.fail);
    else {
      onDropped(refused.length, error);
      onDeadLetters(decision.write.length);
    }
    return decision;
  };
}

function decide(refused: readonly OutputRecord[], error: Error, options: RefusalOptions): RefusalDecision {
  const write: OutputRecord[] = [];
  try {
    for (const record of refused) {
      const failed = describe(record, error);
      const isLetter = record.origin === DEAD_LETTER;
      if (isLetter && !failed.isRetriable) return { fail: notEvenTheLetter(error) };
      const response = options.handler(failed);
      if (response === 'retry' && failed.isRetriable && !options.isTransactional) return 'retry';
      if (isLetter) return { fail: notEvenTheLetter(error) };
      if (response === 'fail' || response === 'retry') return { fail: error };
      if (options.isTransactional) return { fail: cannotLeaveOut(error, response) };
      if (response === 'dead-letter' && record.origin instanceof SourceRecord) {
        write.push({ ...deadLetterFor(record.origin, error, options.partitionCount), origin: DEAD_LETTER });
      }
    }
  } catch (thrown) {
    return { fail: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
  return { write };
}

function describe({ topic, partition, origin }: OutputRecord, error: Error): FailedOutput {
  const source = origin instanceof SourceRecord ? origin : undefined;
  return {
    ...(source === undefined
      ? { timestamp: -1, rawKey: null, rawValue: null, headers: NO_HEADERS }
      : {
          topic: source.topic,
          partition: source.partition,
          offset: source.offset,
          task: source.task,
          timestamp: source.timestamp,
          rawKey: source.rawKey,
          rawValue: source.rawValue,
          headers: source.headers,
        }),
    error,
    origin: 'send',
    output: { topic, partition },
    isRetriable: error instanceof BrokerError && error.retriable,
  };
}

function cannotLeaveOut(cause: Error, response: ProductionResponse): StreamsError {
  const message = `the production handler answered "${response}" to: ${cause.message}; under exactly_once output cannot be left out of a transaction`;
  return new StreamsError('STREAMS_BROKER', message, { cause });
}

function notEvenTheLetter(cause: Error): StreamsError {
  return new StreamsError('STREAMS_BROKER', `a dead letter was refused: ${cause.message}`, { cause });
}

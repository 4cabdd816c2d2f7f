import type { ErrorContext } from '../errors.ts';
import type { Headers } from '../processor/headers.ts';
import type { TopicPartition } from '../kafka/types.ts';

/** What happens to a record that failed: `fail` stops the task, `continue` drops it, `dead-letter` keeps its bytes in `<topic>.dead-letter` and drops it. */
export type HandlerResponse = 'fail' | 'continue' | 'dead-letter';

/** A record that could not be read or processed. */
export interface FailedRecord extends ErrorContext {
  readonly error: unknown;
  readonly timestamp: number;
  readonly rawKey: Uint8Array | null;
  readonly rawValue: Uint8Array | null;
  readonly headers: Headers;
}

/** Decides about a failed record. Synchronous; the bytes are valid during the call only. */
export type ErrorHandler = (failed: FailedRecord) => HandlerResponse;

/** As `HandlerResponse`; `retry` gives what was not delivered in time (`isRetriable`) its time once more, and is `fail` for anything else. */
export type ProductionResponse = HandlerResponse | 'retry';

/**
 * Output that could not be written. What it has as a `FailedRecord` is the source record that it was made from; it has no
 * place and no bytes there when a punctuator made it, or when a cache or a buffer had kept it back.
 */
export interface FailedOutput extends FailedRecord {
  /** `send`: Kafka refused it, or could not be reached for long enough; else the part that its serde could not write. */
  readonly origin: 'key' | 'value' | 'send';
  /** Where it was to go; the partition is −1 for what was not serialised. */
  readonly output: TopicPartition;
  /** The same may succeed later without anybody changing anything. */
  readonly isRetriable: boolean;
}

/** Decides about output that was not written. Synchronous; the bytes are valid during the call only. */
export type ProductionHandler = (failed: FailedOutput) => ProductionResponse;

/** Stops the task: the default of every handler. */
export const failOnError: ErrorHandler = () => 'fail';
/** Drops the record and counts it. */
export const continueOnError: ErrorHandler = () => 'continue';
/** Writes the record to `<topic>.dead-letter` and counts it. */
export const deadLetterOnError: ErrorHandler = () => 'dead-letter';

/** Whether one of them may answer `dead-letter`. */
export const writesDeadLetters = (handlers: readonly ProductionHandler[] | readonly ErrorHandler[]): boolean =>
  handlers.some((handler) => handler !== failOnError && handler !== continueOnError);

import type { ErrorContext } from '../errors.ts';
import type { Headers } from '../processor/headers.ts';

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

/** Stops the task: the default of every handler. */
export const failOnError: ErrorHandler = () => 'fail';
/** Drops the record and counts it. */
export const continueOnError: ErrorHandler = () => 'continue';
/** Writes the record to `<topic>.dead-letter` and counts it. */
export const deadLetterOnError: ErrorHandler = () => 'dead-letter';

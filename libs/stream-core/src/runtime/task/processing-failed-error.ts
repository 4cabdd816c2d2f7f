import type { ErrorContext } from '../../errors.ts';
import { StreamsError } from '../../errors.ts';

/** A record could not be read or processed and the handler said fail: the task stops before it, and nothing of it is committed. */
export class ProcessingFailedError extends StreamsError {
  constructor(message: string, options: { context: ErrorContext; cause: unknown }) {
    super('STREAMS_PROCESSOR', message, options);
  }
}

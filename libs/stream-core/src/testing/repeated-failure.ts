import { ArgumentError, SerdeError, StreamsError, TopologyError } from '../errors.ts';
import { ProcessingFailedError } from '../runtime/task/processing-failed-error.ts';

/** The error of a task that stops at a record where it has stopped before: of the same class, code and cause, and says so. What is no `StreamsError` stays as it is. */
export function repeatedFailure(error: unknown, taskId: string): unknown {
  if (!(error instanceof StreamsError)) return error;
  const { code, context, cause } = error;
  const message = `${error.message} (task ${taskId} has failed before, and tries the same record again at every input)`;
  if (error instanceof ProcessingFailedError) return new ProcessingFailedError(message, { context, cause });
  for (const Kind of [TopologyError, ArgumentError, SerdeError]) {
    if (error instanceof Kind) return new Kind(message, { context, cause });
  }
  return new StreamsError(code, message, { context, cause });
}

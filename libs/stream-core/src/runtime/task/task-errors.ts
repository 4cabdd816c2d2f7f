import { StreamsError } from '../../errors.ts';
import type { ErrorContext } from '../../errors.ts';
import { NO_HEADERS } from '../../processor/headers.ts';
import type { ErrorHandler, HandlerResponse } from '../task-handlers.ts';
import { ProcessingFailedError } from './processing-failed-error.ts';
import type { RecordQueue } from './record-queue.ts';

/** Errors that are no fault of a record: no handler is asked, the task stops. */
const FATAL_CODES: ReadonlySet<string> = new Set([
  'STREAMS_STATE_STORE',
  'STREAMS_TASK_MIGRATED',
  'STREAMS_BROKER',
  'STREAMS_TOPOLOGY',
]);

/** What a handler is asked about. */
export interface Failure {
  readonly what: string;
  readonly error: unknown;
  readonly taskId: string;
  readonly node: string;
  /** The queue whose head is processed; undefined inside a punctuator and for a record that was kept for later. */
  readonly queue: RecordQueue | undefined;
}

/** Asks a handler; gives `continue` or `dead-letter`, or throws when the task has to stop. */
export function askHandler(handler: ErrorHandler, failure: Failure): Exclude<HandlerResponse, 'fail'> {
  const { what, error, taskId, node, queue } = failure;
  if (error instanceof ProcessingFailedError) throw error;
  if (error instanceof StreamsError && FATAL_CODES.has(error.code)) throw error;
  const place: ErrorContext =
    queue === undefined ? {} : { topic: queue.topic, partition: queue.partition, offset: queue.cursor.offset };
  const context = { ...place, task: taskId, node };
  const response = handler({
    ...context,
    error,
    timestamp: queue?.cursor.timestamp ?? -1,
    rawKey: queue?.rawKey ?? null,
    rawValue: queue?.rawValue ?? null,
    headers: queue?.headers ?? NO_HEADERS,
  });
  if (response !== 'fail') return response;
  const where =
    queue === undefined
      ? 'a punctuation or a kept record'
      : `${queue.topic}-${queue.partition} offset ${queue.cursor.offset}`;
  const reason = error instanceof Error ? error.message : String(error);
  throw new ProcessingFailedError(`${what} of ${where} failed at ${node}: ${reason}`, { context, cause: error });
}

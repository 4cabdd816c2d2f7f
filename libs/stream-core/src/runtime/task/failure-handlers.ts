import type { DropReason } from '../../processor/drop-reason.ts';
import { OutputSerdeError } from '../../processor/output-serde-error.ts';
import type { StreamTaskOptions } from '../stream-task-options.ts';
import { failOnError, type ErrorHandler } from '../task-handlers.ts';

/** Failures about which a task asks. */
export type TaskFailure = Extract<DropReason, 'deserialization-error' | 'processing-error' | 'production-error'>;

/** Whom a task asks about what. */
export type TaskHandlers = Readonly<Record<TaskFailure, ErrorHandler>>;

/** The handlers of a task; the default of each is to fail. */
export function taskHandlers({
  deserializationHandler = failOnError,
  processingHandler = failOnError,
  productionHandler = failOnError,
}: Pick<StreamTaskOptions, 'deserializationHandler' | 'processingHandler' | 'productionHandler'>): TaskHandlers {
  return {
    'deserialization-error': deserializationHandler,
    'processing-error': processingHandler,
    'production-error': (failed) => {
      const { error } = failed;
      if (!(error instanceof OutputSerdeError)) throw error;
      const { outputTopic, part } = error;
      const output = { topic: outputTopic, partition: -1 };
      const response = productionHandler({ ...failed, origin: part, output, isRetriable: false });
      // The same value would come to the same end.
      return response === 'retry' ? 'fail' : response;
    },
  };
}

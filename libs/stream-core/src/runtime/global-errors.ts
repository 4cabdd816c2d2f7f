import { SerdeError } from '../errors.ts';
import type { ResolvedStreamsConfig } from './streams-config.ts';
import type { StreamsCounters } from './streams-metrics.ts';
import type { FailedRecord } from './task-handlers.ts';

/**
 * Asks the handlers about a record of a global table, as about any other: true leaves it out. There is no dead letter: every instance reads the whole topic, and each of them would write one.
 */
export function skipsGlobalRecord(
  failed: FailedRecord,
  {
    handlers,
    counters,
    logger,
  }: Pick<ResolvedStreamsConfig, 'handlers' | 'logger'> & { readonly counters: StreamsCounters },
): boolean {
  const { topic, partition, offset, error } = failed;
  const isUnreadable = error instanceof SerdeError;
  const handler = isUnreadable ? handlers.deserialization : handlers.processing;
  if (handler(failed) === 'fail') return false;
  counters.drop(isUnreadable ? 'deserialization-error' : 'processing-error');
  logger.warn({ topic, partition, offset, err: error }, 'a record of a global table cannot be used and is left out');
  return true;
}

import { StreamsError } from '@playhead/stream-core';
import type { ErrorHandler, StreamsConfig } from '@playhead/stream-core';
import type { ServiceLogger } from '../logging/logger.ts';
import { LogThrottle } from '../logging/log-throttle.ts';

/**
 * What cannot be read or processed, or has no bytes as output, is kept with its reason and never stops a service; lost output does.
 * The log says where such a record stood, once a minute at most: why stands in the headers of the dead letter, for what
 * an error says may be of a person.
 */
export function deadLetterHandlers(
  logger: Pick<ServiceLogger, 'error'>,
  { monotonicMs }: { readonly monotonicMs: () => number },
): NonNullable<StreamsConfig['handlers']> {
  const throttle = new LogThrottle({ monotonicMs });
  const keep: ErrorHandler = ({ topic, partition, offset, error }) => {
    const records = throttle.happened();
    if (records !== undefined) {
      const name = error instanceof Error ? error.name : typeof error;
      const code = error instanceof StreamsError ? error.code : undefined;
      logger.error({ topic, partition, offset, name, code, records }, 'a record was put to the dead letters');
    }
    return 'dead-letter';
  };
  return {
    deserialization: keep,
    processing: keep,
    production: (failed) => (failed.origin === 'send' ? 'fail' : keep(failed)),
  };
}

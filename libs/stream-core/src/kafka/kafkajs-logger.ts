import loggers from 'kafkajs/src/loggers/index.js';
import type { InternalLogger } from 'kafkajs/src/loggers/index.js';
import type { Logger } from './types.ts';

/** kafkajs's own lines as debug lines: it reports as ERROR what is retried here, and states are logged once per change elsewhere. */
export function kafkajsLogger(logger: Logger | undefined): InternalLogger {
  return loggers.createLogger({
    level: logger === undefined ? loggers.LEVELS.NOTHING : loggers.LEVELS.INFO,
    logCreator:
      () =>
      ({ namespace, label, log: { message, timestamp: _timestamp, ...fields } }) =>
        logger?.debug({ component: `kafkajs.${namespace}`, level: label, ...fields }, message),
  });
}

import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from './log-levels.ts';

/** A service's logger: JSON lines with time, level, service, msg and, where they exist, task, topic, partition, offset, err. */
export type ServiceLogger = Logger;

/** Where a token, ticket or secret may stand in a logged object; its value is replaced by `[redacted]`. */
const REDACTED_PATHS = ['token', 'ticket', 'authorization', 'password', 'secret'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);
const REDACTED_HEADERS = [
  'headers["playback-ticket"]',
  '*.headers["playback-ticket"]',
  '*.*.headers["playback-ticket"]',
];
/** `?ticket=…` in a logged address. */
const TICKET_IN_URL = /([?&]ticket=)[^&\s"]+/g;

/** Creates a logger. The destination (default: standard output) is for tests. */
export function createLogger(
  options: { readonly service: string; readonly level: LogLevel },
  destination?: DestinationStream,
): ServiceLogger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: [...REDACTED_PATHS, ...REDACTED_HEADERS], censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { url: withoutTicket },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** An address as it may be logged. */
export function withoutTicket(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(TICKET_IN_URL, '$1[redacted]') : url;
}

import { StreamsError } from '../errors.ts';
import type { Logger } from '../kafka/types.ts';

/**
 * What becomes of an application whose processing has ended by an error (KIP-671): `shutdown-client` ends this instance in ERROR, `shutdown-application` every instance of it, `replace-thread` begins anew here, from what is
 * committed, after a pause that grows.
 */
export type UncaughtErrorResponse = 'shutdown-client' | 'shutdown-application' | 'replace-thread';

/** Decides about an error that nobody else has decided about. Synchronous. */
export type UncaughtErrorHandler = (error: unknown) => UncaughtErrorResponse;

/** What decides. */
export interface UncaughtErrorOptions {
  readonly handler: UncaughtErrorHandler;
  /** False: it has not come to the group yet; what is wrong then (topics, settings, the topology) is wrong the next time too. */
  readonly hasStarted: boolean;
  readonly logger: Logger;
}

const RESPONSES: ReadonlySet<string> = new Set(['shutdown-client', 'shutdown-application', 'replace-thread']);

/** Asks the handler; one that throws or answers something else ends this instance. */
export function answerTo(error: unknown, { handler, hasStarted, logger }: UncaughtErrorOptions): UncaughtErrorResponse {
  if (!hasStarted || (error instanceof StreamsError && error.code === 'STREAMS_CONFIG')) return 'shutdown-client';
  try {
    const response = handler(error);
    if (RESPONSES.has(response)) return response;
    logger.error({ response, allowed: [...RESPONSES] }, 'the handler of uncaught errors gave no answer that there is');
  } catch (thrown) {
    logger.error({ err: thrown }, 'the handler of uncaught errors failed');
  }
  return 'shutdown-client';
}

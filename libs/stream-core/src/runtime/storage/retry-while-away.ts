import { backoffMs, pause } from '../../kafka/retry.ts';
import type { Logger } from '../../kafka/types.ts';
import { StorageAwayError } from './state-backend.ts';

/** Does `work` again, with backoff, for as long as it rejects with `StorageAwayError`. Rejects with anything else, and with the signal's reason. */
export async function retryWhileAway<T>(work: () => Promise<T>, logger: Logger, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageAwayError)) throw error;
      if (failures === 1) logger.warn({ err: error }, 'state cannot be reached; tried again until it can');
      await pause(backoffMs(failures), signal);
    }
  }
}

import type { Logger } from './types.ts';

/** Hands an error to its owner from a place where a throw of the owner's would end the process as an unhandled rejection. */
export function tellError(onError: (error: Error) => void, error: unknown, logger: Logger | undefined): void {
  try {
    onError(error instanceof Error ? error : new Error(String(error)));
  } catch (thrown) {
    logger?.error({ error: String(thrown), while: String(error) }, 'onError threw');
  }
}

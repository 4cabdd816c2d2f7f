import { GuardUnavailableError } from './guard-unavailable-error.ts';

/** Asks the guard; whatever goes wrong there is a `GuardUnavailableError`, which a client sees as 503. */
export async function askGuard<T>(question: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new GuardUnavailableError(question, { cause });
  }
}

import type { BrokerError } from '../../../src/kafka/errors.ts';

/** What the promise was rejected with; throws when it was not. */
export async function failure(promise: Promise<unknown>): Promise<BrokerError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: BrokerError) => error,
  );
}

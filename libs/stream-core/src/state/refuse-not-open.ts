import { StreamsError } from '../errors.ts';

/** For a store that is written before `init` or after its task has gone. Throws `StreamsError` (STREAMS_STATE_STORE). */
export function refuseNotOpen(store: string): never {
  throw new StreamsError('STREAMS_STATE_STORE', `store ${store} is not open`, { context: { store } });
}

import { bool, int16, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Commits or aborts a transaction; from version 5 on (transactions V2) the answer carries the producer's next epoch. */
export const endTxnApi = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: [string('transactionalId'), int64('producerId'), int16('producerEpoch'), bool('committed')],
  response: [
    throttleTimeMs(),
    int16('errorCode'),
    int64('producerId', { from: 5, default: -1 }),
    int16('producerEpoch', { from: 5, default: -1 }),
  ],
});

import { int16, int32, int64, nullableString } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** A producer id and epoch, for idempotent (transactional id null) and transactional producers. Version 5 only announces transactions V2. */
export const initProducerIdApi = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  flexibleFrom: 2,
  request: [
    nullableString('transactionalId'),
    int32('transactionTimeoutMs'),
    int64('producerId', { from: 3, default: -1 }),
    int16('producerEpoch', { from: 3, default: -1 }),
  ],
  response: [
    throttleTimeMs(),
    int16('errorCode'),
    int64('producerId', { default: -1 }),
    int16('producerEpoch', { default: -1 }),
  ],
});

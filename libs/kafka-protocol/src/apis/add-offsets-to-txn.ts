import { int16, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Makes a group's offsets part of a transaction. */
export const addOffsetsToTxnApi = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  request: [string('transactionalId'), int64('producerId'), int16('producerEpoch'), string('groupId')],
  response: [throttleTimeMs(), int16('errorCode')],
});

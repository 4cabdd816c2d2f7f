import { array, int16, int32, int64, nullableString, records, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Appends record batches to partitions. With `acks` 0 there is no response at all. Versions 10 and later only add tagged fields. */
export const produceApi = defineApi({
  key: 0,
  name: 'Produce',
  versions: [3, 12],
  flexibleFrom: 9,
  request: [
    nullableString('transactionalId', { default: null }),
    int16('acks'),
    int32('timeoutMs'),
    array('topicData', [string('name'), array('partitionData', [int32('index'), records('records')])]),
  ],
  response: [
    array('responses', [
      string('name'),
      array('partitionResponses', [
        int32('index'),
        int16('errorCode'),
        int64('baseOffset'),
        int64('logAppendTimeMs', { default: -1 }),
        int64('logStartOffset', { from: 5, default: -1 }),
        array('recordErrors', [int32('batchIndex'), nullableString('batchIndexErrorMessage', { default: null })], {
          from: 8,
          default: [],
        }),
        nullableString('errorMessage', { from: 8, default: null }),
      ]),
    ]),
    throttleTimeMs(1),
  ],
});

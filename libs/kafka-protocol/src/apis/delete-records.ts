import { array, int16, int32, int64, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Moves the beginning of partitions forward; offset -1 means the high watermark. */
export const deleteRecordsApi = defineApi({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: [
    array('topics', [string('name'), array('partitions', [int32('partitionIndex'), int64('offset')])]),
    int32('timeoutMs'),
  ],
  response: [
    throttleTimeMs(),
    array('topics', [
      string('name'),
      array('partitions', [int32('partitionIndex'), int64('lowWatermark'), int16('errorCode')]),
    ]),
  ],
});

import { array, bool, int16, int32, nullableArray, nullableString, string } from '../codec/fields.ts';
import { defineApi } from '../codec/define-api.ts';
import { throttleTimeMs } from './throttle-time.ts';

/** Raises topics' partition counts to `count`. */
export const createPartitionsApi = defineApi({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  request: [
    array('topics', [
      string('name'),
      int32('count'),
      nullableArray('assignments', [array('brokerIds', 'int32')], { default: null }),
    ]),
    int32('timeoutMs'),
    bool('validateOnly', { default: false }),
  ],
  response: [
    throttleTimeMs(),
    array('results', [string('name'), int16('errorCode'), nullableString('errorMessage', { default: null })]),
  ],
});
